import JSON
import Testing

@testable import Daemon

/// The sparkline of a peer.
struct LatencyTraceTests {
    /// A peer of a health page; `failed` is the age of the last failure.
    static func peer(
        seen: Double? = nil,
        age: Double? = nil,
        total: Double = 0.002,
        failed: Double? = nil
    ) -> JSONTree {
        .object([
            ("id", .string("n")),
            ("last_seen", seen.map(JSONTree.number) ?? .null),
            ("age", age.map(JSONTree.number) ?? .null),
            ("timings", .object([("total", .number(total))])),
            ("last_failure", failed.map { .object([("age", .number($0))]) } ?? .null),
        ])
    }

    private static func trace(_ pages: [(JSONTree, elapsed: Double)]) -> LatencyTrace {
        var trace = LatencyTrace()
        for (peer, elapsed) in pages { trace.take(peer, elapsed: elapsed) }
        return trace
    }

    @Test func `a good pull adds its latency once`() {
        let trace = Self.trace([
            (Self.peer(), 0), (Self.peer(seen: 10, age: 0.2, total: 0.02), 1),
            (Self.peer(seen: 10, age: 1.2, total: 0.02), 1),
            (Self.peer(seen: 12, age: 0.2, total: 0.5), 1),
        ])
        #expect(trace.marks == [.good(0.02), .good(0.5)])
        #expect(trace.text() == "▄▇")
    }

    @Test func `a failed pull adds a cross once, and the later of both counts`() {
        let trace = Self.trace([
            (Self.peer(seen: 10, age: 5, failed: 0.3), 0),
            (Self.peer(seen: 10, age: 6, failed: 1.3), 1),
            // Another failure at the same place in the next second.
            (Self.peer(seen: 10, age: 7, failed: 0.9), 1),
            (Self.peer(seen: 10, age: 8, failed: 0.9), 1),
            // It failed, then succeeded.
            (Self.peer(seen: 18, age: 0.1, failed: 0.5), 1),
            // It succeeded, then failed.
            (Self.peer(seen: 19, age: 0.6, failed: 0.1), 1),
        ])
        #expect(trace.text() == "×××▂×")
    }

    @Test func `a failure is not counted again after a gap in which the node stood still`() {
        let trace = Self.trace([
            (Self.peer(failed: 10), 0), (Self.peer(failed: 10.5), 60), (Self.peer(failed: 70), 60),
        ])
        #expect(trace.text() == "×")
    }

    @Test func `at most sixty marks are kept, and the newest are shown`() {
        var trace = LatencyTrace()
        for second in 1...100 {
            trace.take(Self.peer(seen: Double(second), age: 0, total: 0.002), elapsed: 1)
        }
        trace.take(Self.peer(seen: 101, age: 0, total: 2), elapsed: 1)
        #expect(trace.marks.count == LatencyTrace.maximumMarks)
        #expect(trace.text(atMost: 3) == "▂▂█")
        #expect(trace.text(atMost: 0) == "" && trace.text(atMost: -1) == "")
    }

    @Test func `each bar begins at about three times the latency of the one before`() {
        var trace = LatencyTrace()
        for (index, total) in [0.0009, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 1e300].enumerated() {
            trace.take(Self.peer(seen: Double(index), age: 0, total: total), elapsed: 1)
        }
        #expect(trace.text() == "▁▂▃▄▅▆▇██")
    }

    @Test(arguments: [
        (["LANG": "de_DE.UTF-8"], "▁×節…"), (["LANG": "C", "LC_ALL": "en_US.utf8"], "▁×節…"),
        ([:], ".x??~"), (["LANG": "C.UTF-8", "LC_ALL": "C"], ".x??~"),
        (["LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"], ".x??~"),
    ])
    func `a locale without UTF-8 gets ASCII`(environment: [String: String], shown: String) {
        #expect(TextEncoding(environment: environment).encode("▁×節…") == shown)
    }
}
