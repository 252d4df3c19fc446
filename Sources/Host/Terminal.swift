// Sources may be cancelled on any thread: dispatch_source_cancel(3).
@unsafe @preconcurrency internal import Dispatch
internal import Glibc

/// The terminal of a full-screen command: standard input and standard output.
///
/// Owned by one task. `enter` and `leave` can be called again, for example around `suspend`.
package struct Terminal: Sendable {
    /// The size of a screen in characters.
    package struct Size: Hashable, Sendable {
        package var columns: Int
        package var rows: Int

        package init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }
    }

    /// Used if the terminal does not report its size.
    private static let usualSize = Size(columns: 80, rows: 24)
    /// The largest size that is used; a terminal may claim 65,535.
    private static let largestSize = Size(columns: 1_000, rows: 500)
    /// The maximum number of reads that wait for the command.
    private static let maximumReads = 64

    /// Uses the alternate screen, hides the cursor, and does not wrap long lines.
    private static let opening = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    /// Clears the alternate screen first, because tmux keeps some of its lines after a resize.
    private static let closing = "\u{1B}[0m\u{1B}[H\u{1B}[J\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// The settings before `enter`: termios(3).
    private let original: termios

    /// Returns nil if standard input or standard output is not a terminal, or if TERM is unset or
    /// `dumb`.
    package init?(environment: [String: String]) {
        var attributes = termios()
        guard let name = environment["TERM"], !name.isEmpty, name != "dumb",
            isatty(STDOUT_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &attributes) == 0
        else { return nil }
        original = attributes
    }

    /// The current size, at least 1 by 1.
    package var size: Size {
        var found = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &found) == 0,
            found.ws_col > 0, found.ws_row > 0
        else { return Self.usualSize }
        return Size(
            columns: min(Int(found.ws_col), Self.largestSize.columns),
            rows: min(Int(found.ws_row), Self.largestSize.rows)
        )
    }

    /// Switches to raw mode and to the alternate screen.
    ///
    /// In raw mode ^C, ^Z and ^\ are bytes of the input and cause no signals.
    package func enter() throws(StreamFault) {
        var raw = original
        unsafe cfmakeraw(&raw)
        Self.set(raw)
        try StandardStream.output.write(Self.opening)
    }

    /// Restores what `enter` found, and discards unread input.
    package func leave() {
        // If this fails, the terminal is gone.
        try? StandardStream.output.write(Self.closing)
        Self.set(original)
    }

    /// Stops the process group as ^Z does; call `leave` before.
    ///
    /// The signal may arrive after the return, because the threads of Dispatch block it. SIGCONT
    /// follows when the process continues. Without a shell that could do that, nothing happens.
    package func suspend() { kill(0, SIGTSTP) }

    /// The input, as it arrives; ends when the terminal is gone.
    package func input() -> AsyncStream<[UInt8]> {
        let (reads, read) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingOldest(Self.maximumReads)
        )
        let source = DispatchSource.makeReadSource(
            fileDescriptor: STDIN_FILENO,
            queue: DispatchQueue(label: "terminal")
        )
        source.setEventHandler {
            if let bytes = Self.read() { read.yield(bytes) } else { read.finish() }
        }
        read.onTermination = { _ in source.cancel() }
        source.resume()
        return reads
    }

    /// Reads what is available; nil at the end of the input.
    private static func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count)
        }
        guard count > 0 else { return count < 0 && errno == EINTR ? [] : nil }
        return Array(bytes.prefix(count))
    }

    private static func set(_ attributes: termios) {
        var attributes = attributes
        // If this fails for another reason, the terminal is gone.
        while unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &attributes) != 0, errno == EINTR {}
    }
}
