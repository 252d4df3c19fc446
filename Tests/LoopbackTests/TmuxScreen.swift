import Foundation
import TestSupport
import Testing

/// A terminal in a tmux server of its own, in which a shell runs a command.
///
/// The shell saves the settings of the terminal before and after the command, and its exit code.
final class TmuxScreen: Sendable {
    private let directory: TemporaryDirectory
    private let tmux: String
    private let environment: [String: String]

    /// Runs `command` on a screen of this size.
    init(
        _ command: [String],
        columns: Int,
        rows: Int,
        locale: String = "C.UTF-8"
    ) async throws {
        directory = try TemporaryDirectory()
        tmux = try tool(named: "tmux", package: "tmux")
        environment = ["LC_ALL": locale, "DIR": directory.path]
        _ = try directory.write("set -g status off\n", to: "tmux.conf")
        let script = """
            echo the screen before
            stty -g >"$DIR/before"
            sh -c 'echo $$ >"$DIR/pid"; exec "$@"' sh "$@"
            echo "$?" >"$DIR/code"
            stty -g >"$DIR/after"
            echo ended >"$DIR/ended"
            exec cat
            """
        try await call(
            [
                "-f", directory.file("tmux.conf"), "new-session", "-d", "-x", "\(columns)", "-y",
                "\(rows)", "sh", "-c", script, "sh",
            ] + command
        )
    }

    /// Ends the server and with it the command.
    func close() async throws { try await call(["kill-server"]) }

    @discardableResult
    private func call(_ arguments: [String]) async throws -> String {
        let all = ["-S", directory.file("socket"), "-u"] + arguments
        let finished = try await run(tmux, all, environment: environment)
        guard finished.ending == .exit(0) else {
            throw TestError("tmux \(arguments): \(finished.log)")
        }
        return finished.output
    }

    /// The lines on the screen, without blanks at their ends.
    func lines() async throws -> [String] {
        try await call(["capture-pane", "-p"])
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Waits until a line contains `text`, and returns the lines.
    @discardableResult
    func lines(
        with text: String,
        within limit: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        var lines: [String] = []
        let isThere = try await becomesTrue(within: limit) {
            lines = try await self.lines()
            return lines.contains { $0.contains(text) }
        }
        let screen = lines.joined(separator: "\n")
        #expect(isThere, "no '\(text)' on the screen:\n\(screen)", sourceLocation: sourceLocation)
        return lines
    }

    /// The columns at which the terminal has a text, from the top to the bottom.
    ///
    /// The terminal measures the characters before the text itself.
    func columns(of text: String, count: Int) async throws -> [Int] {
        try await call(["copy-mode"])
        try await call(["send-keys", "-X", "top-line"])
        var columns: [Int] = []
        for _ in 0..<count {
            try await call(["send-keys", "-X", "search-forward-text", text])
            let column = try await call(["display-message", "-p", "#{copy_cursor_x}"])
            columns.append(try #require(Int(column.trimmingCharacters(in: .newlines))))
        }
        try await call(["send-keys", "-X", "cancel"])
        return columns
    }

    /// Presses keys by the names of tmux, such as `q`, `Down` or `C-c`.
    func press(_ keys: String...) async throws { try await call(["send-keys"] + keys) }

    func resize(columns: Int, rows: Int) async throws {
        try await call(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// Whether the alternate screen is shown, and whether the cursor is.
    func modes() async throws -> String {
        try await call(["display-message", "-p", "#{alternate_on} #{cursor_flag} #{wrap_flag}"])
            .trimmingCharacters(in: .newlines)
    }

    /// Sends a signal to the command.
    func send(_ signal: Int32) throws {
        let pid = try String(contentsOfFile: directory.file("pid"), encoding: .utf8)
        let number = try #require(Int32(pid.trimmingCharacters(in: .newlines)))
        kill(number, signal)
    }

    /// Waits for the end of the command, and expects that it restored the terminal and returned 0.
    func expectRestored(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        await eventually("the command ends", sourceLocation: sourceLocation) {
            FileManager.default.fileExists(atPath: directory.file("ended"))
        }
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: directory.file(name), encoding: .utf8)
        }
        let (before, after, code) = try (text("before"), text("after"), text("code"))
        #expect(code == "0\n", sourceLocation: sourceLocation)
        #expect(after == before, sourceLocation: sourceLocation)
        #expect(try await modes() == "0 1 1", sourceLocation: sourceLocation)
        let lines = try await lines().filter { !$0.isEmpty }
        #expect(lines == ["the screen before"], sourceLocation: sourceLocation)
    }
}

/// Runs `nova-federation top` on a screen during `body`.
func withTop(
    _ url: String,
    columns: Int = 80,
    rows: Int = 24,
    locale: String = "C.UTF-8",
    isolation: isolated (any Actor)? = #isolation,
    _ body: (TmuxScreen) async throws -> Void
) async throws {
    let command = [try daemonExecutable(), "top", "--url", url]
    let screen = try await TmuxScreen(command, columns: columns, rows: rows, locale: locale)
    do {
        try await body(screen)
    } catch {
        try? await screen.close()
        throw error
    }
    try await screen.close()
}
