import Federation
import Foundation
import Logging
import Testing

@testable import Daemon
@testable import JSON
@testable import Settings

/// The lines of the log, also with hostile values.
struct LogTests {
    /// The line of a record logged on 21 November 2026, 12:00:00.25 UTC.
    static func line(
        _ message: String,
        _ metadata: Logger.Metadata = [:],
        as format: LogFormat = .logfmt
    ) -> String {
        let handler = LineLogHandler(
            threshold: LogThreshold(.info),
            format: format,
            writer: LogWriter(format: format)
        )
        let event = LogEvent(
            level: .warning,
            message: "\(message)",
            metadata: metadata,
            source: nil,
            file: #fileID,
            function: #function,
            line: #line
        )
        return handler.line(of: event, at: Date(timeIntervalSince1970: 1_795_262_400.25))
    }

    @Test
    func `a record is one line with its fields sorted by key`() {
        let metadata: Logger.Metadata = ["peer": "10.0.0.1:8100", "ms": "12", "a": "b c", "e": ""]
        #expect(
            Self.line("peer down", metadata)
                == #"ts=2026-11-21T12:00:00.250Z level=warning msg="peer down" a="b c" e="" ms=12 "#
                + "peer=10.0.0.1:8100\n"
        )
        #expect(
            Self.line("peer down", metadata, as: .json)
                == #"{"ts":"2026-11-21T12:00:00.250Z","level":"warning","msg":"peer down","#
                + #""a":"b c","e":"","ms":"12","peer":"10.0.0.1:8100"}"# + "\n"
        )
    }

    static let hostile = [
        "x\nts=0 level=critical msg=forged", "x\r\n{\"level\":\"critical\"}", "x\" level=critical",
        "x\\\" level=critical", "x\u{2028}y\u{2029}z", "\u{1B}[2J\u{9B}2J", "a\u{202E}b\u{2066}c",
        "\u{0}\u{7F}\u{85}", "x=y", "\u{E0041}",
        "a\u{200E}\u{61C}\u{3164}\u{FE0F}b", "\\", "\"", "e\u{301}",
        String(repeating: "\u{0}", count: 5_000), String(repeating: "e", count: 100_000),
        "e" + String(repeating: "\u{301}", count: 60_000),
    ]

    @Test(arguments: hostile)
    func `no value forges a line or a field`(value: String) throws {
        for format in LogFormat.allCases {
            let line = Self.line(value, ["node_id": "\(value)", "z": "end"], as: format)
            #expect(line.utf8.count <= 4_096)
            #expect(line.hasSuffix("\n"))
            #expect(line.dropLast().unicodeScalars.allSatisfy { $0.isVisible })
        }
        let json = Self.line(value, ["node_id": "\(value)", "z": "end"], as: .json)
        let read = try #require(
            JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
        )
        #expect(Set(read.keys).isSubset(of: ["ts", "level", "msg", "node_id", "z"]))
        #expect(read["level"] == "warning")
        let bound = LineLogHandler.maximumValueBytes
        #expect(read["node_id"] == value || value.utf8.count > bound || read["node_id"] == nil)
    }

    @Test(arguments: hostile)
    func `logfmt has as many fields as were logged`(value: String) {
        var isQuoted = false
        var isEscaped = false
        var blanks = 0
        for character in Self.line(value, ["node_id": "\(value)"]).unicodeScalars {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                blanks += 1
            }
        }
        #expect(!isQuoted)
        #expect(blanks == 3 || blanks == 2 && value.utf8.count > 1_000)
    }

    @Test(arguments: [
        0, -1, 1e10, -1e10, 253_402_300_799, 253_402_300_800, -62_135_596_801, 1e15, -1e15, 9.2e18,
        -9.2e18,
    ])
    func `every date can be logged`(seconds: Double) {
        let line = LogLine(
            format: .logfmt,
            date: Date(timeIntervalSince1970: seconds),
            level: .info,
            message: "m"
        )
        #expect(line.ended.hasPrefix("ts=") && line.ended.hasSuffix(" level=info msg=m\n"))
        #expect(line.ended.utf8.count < 80)
    }

    @Test
    func `a long value is cut at its limit, between characters`() {
        let bound = LineLogHandler.maximumValueBytes
        let whole = String(repeating: "é", count: bound / 2)
        #expect(Self.line(whole).contains("msg=\"\(whole)\"\n"))
        #expect(Self.line(whole + "é").contains("msg=\"\(whole)…\"\n"))
    }

    @Test
    func `fields that do not fit are omitted, and the line stays valid`() throws {
        let fields = (0..<100)
            .map { ("k\($0)", Logger.MetadataValue.string(String(repeating: "v", count: 90))) }
        let line = Self.line("m", Dictionary(uniqueKeysWithValues: fields), as: .json)
        #expect(line.utf8.count <= LineLogHandler.maximumLineBytes)
        let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        let read = try #require(json)
        #expect((30...60).contains(read.count))
    }

    @Test
    func `fields of a record and of the provider override those of the handler`() {
        var handler = LineLogHandler(
            threshold: LogThreshold(.notice),
            format: .logfmt,
            writer: LogWriter(format: .logfmt)
        )
        handler[metadataKey: "a"] = "handler"
        handler[metadataKey: "b"] = "handler"
        handler.metadataProvider = .init { ["b": "provider"] }
        let event = LogEvent(
            level: .info,
            message: "m",
            metadata: ["c": "record", "a": "record", "k e\"y": "v"],
            source: nil,
            file: "",
            function: "",
            line: 1
        )
        let line = handler.line(of: event, at: Date(timeIntervalSince1970: 0))
        let fields = "a=record b=provider c=record k_e_y=v\n"
        #expect(line == "ts=1970-01-01T00:00:00.000Z level=info msg=m " + fields)
        #expect(handler.logLevel == .notice)
    }

    @Test
    func `a line of sufficient level is written to the descriptor`() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let writer = LogWriter(format: .logfmt, descriptor: descriptor)
        let logger = Logger(label: "test") { _ in
            LineLogHandler(threshold: LogThreshold(.info), format: .logfmt, writer: writer)
        }
        logger.debug("not this")
        logger.info("this")
        writer.flush()
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(text.hasSuffix(" level=info msg=this\n"))
        #expect(text.split(separator: "\n").count == 1)
    }

    @Test
    func `a stalled reader does not block logging, and dropped lines are counted`() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let writer = LogWriter(format: .logfmt, descriptor: descriptor)
        let logger = Logger(label: "test") { _ in
            LineLogHandler(threshold: LogThreshold(.info), format: .logfmt, writer: writer)
        }
        // Many times what the pipe and the writer hold; with a blocking writer this never ends.
        let records = 4 * LogWriter.limit
        for record in 0..<records {
            logger.info("\(String(repeating: "x", count: 256))", metadata: ["n": "\(record)"])
        }
        let closing = Thread {
            writer.flush()
            try? pipe.fileHandleForWriting.close()  // ends the read below
        }
        closing.start()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let written = lines.count { $0.contains("msg=xxx") }
        let dropped = lines.compactMap { line in
            line.contains("dropped log records")
                ? line.split(separator: "count=").last.flatMap { Int($0) } : nil
        }
        #expect(dropped.reduce(0, +) > 0)
        #expect(written + dropped.reduce(0, +) == records)
    }
}
