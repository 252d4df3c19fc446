import Dispatch
import FoundationEssentials
import Glibc
import Host
import Logging
import Settings
import Synchronization

/// Writes lines to a descriptor on its own queue, so that a stalled reader blocks only the log.
///
/// A line that was begun is always finished, however long the reader or a full disk takes.
/// Meanwhile at most `limit` lines wait. Further lines are dropped and counted, and a line in their
/// place reports the count. From any thread.
final class LogWriter: Sendable {
    /// How many lines may wait, of at most `LineLogHandler.maximumLineBytes`.
    static let limit = 1_024
    /// The time between two attempts to write to a descriptor that fails, in milliseconds.
    private static let retryMilliseconds: Int32 = 250

    private struct Waiting {
        var lines: [String] = []
        /// How many lines were dropped after `lines`.
        var dropped = 0
        var droppedInAll = 0
        var isWriting = false
    }

    private let queue = DispatchQueue(label: "log")
    private let waiting = Mutex(Waiting())
    private let format: LogFormat
    private let descriptor: Int32
    /// Whether each line begins with its priority, which the journal reads and removes.
    let hasPriority: Bool

    init(
        format: LogFormat,
        descriptor: Int32 = StandardStream.error.rawValue,
        hasPriority: Bool = false
    ) {
        self.format = format
        self.descriptor = descriptor
        self.hasPriority = hasPriority
    }

    /// How many lines were dropped since the start.
    var dropped: Int { waiting.withLock { $0.droppedInAll } }
    /// Whether nothing waits or is being written.
    var isIdle: Bool { waiting.withLock { !$0.isWriting } }

    /// Queues a line, which includes its line feed.
    func write(_ line: String) {
        let mustStart = waiting.withLock { waiting in
            guard waiting.lines.count < Self.limit else {
                waiting.dropped += 1
                waiting.droppedInAll += 1
                return false
            }
            waiting.lines.append(line)
            defer { waiting.isWriting = true }
            return !waiting.isWriting
        }
        if mustStart { queue.async { self.writeAll() } }
    }

    /// Waits until all lines are written, but at most one second, so that a stalled reader does not
    /// delay shutdown.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .seconds(1))
    }

    /// Writes the waiting lines; blocks while the reader is slow.
    private func writeAll() {
        // The last failure, which caused the drops since.
        var failure: Int32?
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
            for line in lines { failure = writeWhole(line) ?? failure }
            if dropped > 0 {
                _ = writeWhole(lossLine(count: dropped, failure: failure))
                failure = nil
            }
        }
    }

    /// Writes a whole line; starts it again if the file was truncated meanwhile.
    ///
    /// - Returns: The errno of the last attempt that failed; nil if none did.
    private func writeWhole(_ line: String) -> Int32? {
        let bytes = Array(line.utf8)
        var rest = bytes[...]
        var failure: Int32?
        var size: Int?
        while !rest.isEmpty {
            switch WriteAttempt(rest, to: descriptor) {
            case .wrote(let count):
                rest = rest.dropFirst(count)
                if !rest.isEmpty { size = fileSize }
            case .full:
                WriteAttempt.waitForRoom(in: descriptor)
            case .failed(let code):
                failure = code
                usleep(useconds_t(Self.retryMilliseconds) * 1_000)
                if let before = size, let now = fileSize, now < before { rest = bytes[...] }
            }
        }
        return failure
    }

    /// The size of the file; nil if it is not a regular one.
    private var fileSize: Int? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return status.st_size
    }

    private func lossLine(count: Int, failure: Int32?) -> String {
        let cause =
            failure == nil
            ? "the reader of standard error is too slow" : "standard error could not be written"
        let message = "dropped log records: \(cause)"
        var line = LogLine(
            format: format,
            hasPriority: hasPriority,
            date: .now,
            level: .warning,
            message: message
        )
        line.add("count", String(count))
        if let failure { line.add("error", systemError(failure)) }
        return line.ended
    }
}
