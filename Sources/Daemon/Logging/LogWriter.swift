import Dispatch
import FoundationEssentials
import Logging
import Synchronization

/// Writes lines to a descriptor on a queue of its own, so that a reader that stalls holds up nobody
/// but the log.
///
/// At most `limit` lines wait. Those beyond are dropped, and the next line that finds room says how
/// many they were. From any thread.
final class LogWriter: Sendable {
    /// How many lines may wait, at most 4 KiB each.
    static let limit = 1_024

    private struct Waiting {
        var lines: [String] = []
        var dropped = 0
        var isWriting = false
    }

    private let queue = DispatchQueue(label: "log")
    private let waiting = Mutex(Waiting())
    private let format: LogFormat
    private let descriptor: Int32

    init(format: LogFormat, descriptor: Int32 = StandardStream.error.rawValue) {
        self.format = format
        self.descriptor = descriptor
    }

    /// Takes a line to be written, its end included.
    func write(_ line: String) {
        let mustStart = waiting.withLock { waiting in
            guard waiting.lines.count < Self.limit else {
                waiting.dropped += 1
                return false
            }
            waiting.lines.append(line)
            defer { waiting.isWriting = true }
            return !waiting.isWriting
        }
        if mustStart {
            queue.async { self.writeAll() }
        }
    }

    /// Waits until all lines are written, or for a second: a reader that stalls does not hold up
    /// the end of the process either.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .seconds(1))
    }

    /// Writes what waits until nothing does; blocks with its reader.
    private func writeAll() {
        while true {
            let (lines, dropped) = waiting.withLock { waiting in
                defer {
                    waiting.isWriting = !waiting.lines.isEmpty
                    waiting.lines = []
                    waiting.dropped = 0
                }
                return (waiting.lines, waiting.dropped)
            }
            guard !lines.isEmpty else { return }
            for line in lines {
                StandardStream.write(line, to: descriptor)
            }
            if dropped > 0 {
                var line = LogLine(
                    format: format,
                    date: .now,
                    level: .warning,
                    message: "log records were dropped: whoever reads the log is too slow"
                )
                line.add("count", String(dropped))
                StandardStream.write(line.ended, to: descriptor)
            }
        }
    }
}
