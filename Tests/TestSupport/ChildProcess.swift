import Foundation
import Glibc
import Synchronization

/// A program run by a test, with its output in memory; killed when the object is deallocated.
package final class ChildProcess: Sendable {
    /// Bytes kept of each stream; older output is dropped.
    private static let outputLimit = 8 << 20
    /// Variables inherited from the test's own environment unless the test sets them.
    private static let inherited = [
        "PATH", "HOME", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "SWIFT_BACKTRACE",
    ]

    /// How a process ended.
    package enum Ending: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)
    }

    package let pid: Int32
    private let outputs = Mutex(Streams())
    /// Nil while it runs; the lock guards the pid, which the system can reuse after waitpid(2).
    private let ending = Mutex<Ending?>(nil)

    /// What it has written so far, and how many streams are open.
    private struct Streams {
        var bytes: [[UInt8]] = [[], []]
        var open = 2
    }

    /// Starts `program` (a path) with `input` on its standard input.
    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        input: [UInt8] = []
    ) throws {
        var all = environment
        for name in Self.inherited where all[name] == nil {
            all[name] = ProcessInfo.processInfo.environment[name]
        }
        let child = try Self.start(
            [program] + arguments,
            all.map { "\($0)=\($1)" },
            input: input
        )
        pid = child.pid
        for (stream, descriptor) in child.outputs.enumerated() {
            Thread.detachNewThread { [weak self] in
                while let bytes = Self.read(descriptor) {
                    self?.keep(bytes, of: stream)
                }
                self?.outputs.withLock { $0.open -= 1 }
                _ = close(descriptor)
            }
        }
    }

    deinit {
        _ = kill()
    }

    /// Standard output so far.
    package var output: String { text(of: 0) }
    /// Standard error so far.
    package var log: String { text(of: 1) }

    /// Sends `signal` (`SIGTERM`, `SIGSTOP`, …) unless it has ended.
    package func send(_ signal: Int32) {
        ending.withLock { ending in
            if ending == nil { _ = Glibc.kill(pid, signal) }
        }
    }

    /// How it ended, or nil while it runs.
    package func poll() -> Ending? {
        ending.withLock { ending in
            var status: Int32 = 0
            if ending == nil, unsafe waitpid(pid, &status, WNOHANG) == pid {
                ending = Self.ending(of: status)
            }
            return ending
        }
    }

    /// Waits until it has ended and all its output was read.
    package func waitForEnd(within limit: Duration = .seconds(30)) async throws -> Ending {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let ending = poll(), outputs.withLock({ $0.open == 0 }) { return ending }
            try await Task.sleep(for: pollingPause)
        }
        throw TestError("Process \(pid) did not end within \(limit). Its log:\n\(log)")
    }

    /// Waits for a line on standard error that contains `part`.
    package func logLine(
        containing part: String,
        within limit: Duration = .seconds(20)
    ) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let hasEnded = poll() != nil && outputs.withLock { $0.open == 0 }
            for line in log.split(separator: "\n") where line.contains(part) {
                return String(line)
            }
            if hasEnded { break }
            try await Task.sleep(for: pollingPause)
        }
        throw TestError("No log line with '\(part)' within \(limit). The log:\n\(log)")
    }

    /// Kills it and waits for its end.
    @discardableResult
    package func kill() -> Ending {
        ending.withLock { ending in
            if let ending { return ending }
            _ = Glibc.kill(pid, SIGKILL)
            var status: Int32 = 0
            while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let final = Self.ending(of: status)
            ending = final
            return final
        }
    }

    private func keep(_ bytes: [UInt8], of stream: Int) {
        outputs.withLock { streams in
            streams.bytes[stream] += bytes
            let excess = streams.bytes[stream].count - Self.outputLimit
            if excess > 0 { streams.bytes[stream].removeFirst(excess) }
        }
    }

    private func text(of stream: Int) -> String {
        String(decoding: outputs.withLock { $0.bytes[stream] }, as: UTF8.self)
    }

    /// Decodes a wait status, whose low seven bits are the signal.
    private static func ending(of status: Int32) -> Ending {
        let signal = status & 0x7f
        return signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }
}
