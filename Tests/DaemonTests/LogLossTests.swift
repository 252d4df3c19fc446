import Foundation
import Glibc
import Logging
import TestSupport
import Testing

@testable import Daemon
@testable import Settings

/// The log when its descriptor accepts lines slowly, in pieces or not at all.
struct LogLossTests {
    private func logger(_ writer: LogWriter) -> Logger {
        Logger(label: "test") { _ in
            LineLogHandler(threshold: LogThreshold(.info), format: .logfmt, writer: writer)
        }
    }

    /// Waits until `condition` holds.
    private func wait(_ condition: () -> Bool) -> Bool {
        for _ in 0..<1_000 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }

    /// Checks that all lines are complete, and that written plus dropped lines make `records`.
    private func expectAll(_ records: Int, in text: String, reason: String) {
        #expect(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix("ts=") })
        #expect(lines.allSatisfy { $0.components(separatedBy: "ts=").count == 2 })
        let written = lines.count { $0.contains(" msg=xxx") }
        let reported = lines.filter { $0.contains("dropped log records: \(reason)") }
            .compactMap { line in
                line.split(separator: " ").first { $0.hasPrefix("count=") }
                    .flatMap { Int($0.dropFirst("count=".count)) }
            }
        #expect(reported.reduce(0, +) > 0)
        #expect(written + reported.reduce(0, +) == records)
    }

    @Test(arguments: [SOCK_STREAM.rawValue, SOCK_SEQPACKET.rawValue])
    func `every line that a non-blocking standard error loses is counted`(
        kind: UInt32
    ) throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0)
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let writer = LogWriter(format: .logfmt, descriptor: ends[0])
        let log = logger(writer)
        let records = 4 * LogWriter.limit
        for record in 0..<records {
            log.info("\(String(repeating: "x", count: 256))", metadata: ["n": "\(record)"])
        }
        #expect(writer.dropped > 0)
        let closing = Thread { [end = ends[0]] in
            _ = self.wait { writer.isIdle }
            close(end)
        }
        closing.start()
        let reading = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        let text = String(decoding: reading.readDataToEndOfFile(), as: UTF8.self)
        expectAll(records, in: text, reason: "the reader of standard error is too slow")
    }

    @Test func `a log that cannot be written for a while reports the gap and its cause`() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write("", to: "log")
        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        let writer = LogWriter(format: .logfmt, descriptor: full)
        let log = logger(writer)
        let records = 3 * LogWriter.limit
        for record in 0..<records {
            log.info("\(String(repeating: "x", count: 100))", metadata: ["n": "\(record)"])
        }
        #expect(wait { writer.dropped > 0 })
        // From now on there is room.
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        dup2(file, full)
        #expect(wait { writer.isIdle })
        let text = try String(contentsOfFile: path, encoding: .utf8)
        expectAll(records, in: text, reason: "standard error could not be written")
        #expect(text.contains(#"error="No space left on device""#))
        for descriptor in [file, full] { close(descriptor) }
    }
}
