import Foundation
import TestSupport
import Testing

/// A real node with thousands of peers, whose clients request large pages and do not read them.
@Suite struct SlowReaderTests {
    private static let openMetrics = "application/openmetrics-text;version=1.0.0"

    /// Peers with long names, so that no page fits into socket buffers.
    private static let peers = (0..<5000)
        .map { index in
            let name = "peer-\(index)-" + String(repeating: "x", count: 50)
            return "\(name)=http://127.9.\(index >> 8).\(index & 255):9"
        }
        .joined(separator: "\n")

    /// The value of a metric without labels.
    private static func value(_ name: String, in text: String) -> Double {
        ServedNode.series(name, in: text)[""] ?? .nan
    }

    @Test func `two hundred clients that do not read use the memory of a few pages`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.peers, to: "peers.txt")
        let environment = [
            "NOVA_FED_PEERS_FILE": file, "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_SYNC_INTERVAL": "3600", "NOVA_FED_LOG_LEVEL": "critical",
        ]
        try await withNode(environment) { node in
            let first = try await node.page("/metrics")
            let resident = Self.value("process_resident_memory_bytes", in: first)
            var connections = try (0..<200).map { _ in try KeepAliveConnection(port: node.port) }
            for (index, connection) in connections.enumerated() {
                let accept = index.isMultiple(of: 4) ? Self.openMetrics : nil
                let path = index.isMultiple(of: 3) ? "/federation/health" : "/metrics"
                #expect(connection.send(path, accept: accept))
            }
            // Other clients are served meanwhile.
            for _ in 0..<3 {
                let start = ContinuousClock.now
                #expect(try await node.probe.get("/ready").status == 200)
                #expect(ContinuousClock.now - start < .seconds(2))
                let open = try await node.page("/metrics", accept: Self.openMetrics)
                #expect(open.hasSuffix("# EOF\n"))
                #expect(try await node.page("/metrics").contains("# EOF") == false)
                #expect(try await node.probe.get("/metrics", method: "HEAD").status == 200)
            }
            // The pages that they hold once all requests were answered.
            var last = ""
            try await eventually("clients hold pages") {
                last = try await node.page("/metrics")
                return Self.value("nova_federation_http_response_bytes", in: last) > 0
            }
            let held = Self.value("nova_federation_http_response_bytes", in: last)
            let grown = Self.value("process_resident_memory_bytes", in: last) - resident
            // A page each would be 800 MB.
            #expect(held < 60e6, "\(held)")
            #expect(grown < 160e6, "\(grown)")
            connections = []  // closes them
            try await eventually("the pages of closed connections are freed") {
                let left = Self.value(
                    "nova_federation_http_response_bytes",
                    in: try await node.page("/metrics")
                )
                return left < 6e6
            }
        }
    }

    @Test func `beyond the limit computed pages are 503 and counted, and ready pages are served`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Self.peers, to: "peers.txt")
        let environment = [
            "NOVA_FED_PEERS_FILE": file, "NOVA_FED_MAX_RESPONSE_BYTES": "1048576",
            "NOVA_FED_SYNC_ENABLED": "1", "NOVA_FED_SYNC_INTERVAL": "3600",
            "NOVA_FED_LOG_LEVEL": "critical",
        ]
        try await withNode(environment) { node in
            var connections = try (0..<8).map { _ in try KeepAliveConnection(port: node.port) }
            // Each path has a page of its own, and one page already exceeds the limit.
            for (index, connection) in connections.enumerated() {
                let path = index.isMultiple(of: 2) ? "/metrics" : "/federation/health"
                #expect(connection.send(path))
            }
            var refused: HTTPMessage?
            try await eventually("a page is refused") {
                let answer = try await node.probe.get("/federation/wisdom")
                if answer.status == 503 { refused = answer }
                return refused != nil
            }
            #expect(refused?.text.hasPrefix(#"{"error":"backlog","message":"#) == true)
            #expect(refused?.header("retry-after") == "1")
            for path in ["/ready", "/health", "/federation/sync/summary"] {
                #expect(try await node.probe.get(path).status == 200, "\(path)")
            }
            connections = []  // closes them
            try await eventually("pages are computed again") {
                try await node.probe.get("/metrics").status == 200
            }
            let counts = ServedNode.series(
                "nova_federation_http_responses_refused_total",
                in: try await node.page("/metrics")
            )
            #expect(counts[#"{reason="backlog"}"#, default: 0] >= 1)
            #expect(counts[#"{reason="busy"}"#] == 0)
        }
    }
}
