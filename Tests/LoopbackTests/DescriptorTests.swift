import Foundation
import TestSupport
import Testing

/// A real node that runs out of file descriptors, and gets them back.
@Suite struct DescriptorTests {
    private static func openFiles(of process: ChildProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/fd").count
    }

    /// User and system time.
    private static func cpu(of process: ChildProcess) throws -> Duration {
        let text = try String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)
        let fields = text.split(separator: " ").compactMap { Int($0) }
        // All fields are numbers except for the name and the state (proc(5)).
        let ticks = fields[11] + fields[12]
        return .milliseconds(ticks * 1_000 / sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Connections, every second one with a complete request, the others with a part of one.
    private static func crowd(_ port: Int, count: Int) throws -> [Socket] {
        try (0..<count)
            .map { number in
                let socket = try Socket.connected(to: "127.0.0.1", port: port)
                let request = number % 2 == 0 ? "GET /re" : "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"
                socket.send(Array(request.utf8), until: .now + .seconds(5))
                return socket
            }
    }

    @Test func `with all descriptors in use the node stays idle, responds and warns once`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: "peer"))
        try await withNode(peers: [peer.url], ["NOVA_FED_LOG_LEVEL": "notice"]) { node in
            let limit = try Self.openFiles(of: node.process) + 40
            try await FileLimits.set(limit, of: node.process)
            let crowd = try Self.crowd(node.port, count: 400)
            let before = try Self.cpu(of: node.process)
            for _ in 0..<10 {
                #expect(try await node.probe.get("/ready").status == 200)
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(try Self.cpu(of: node.process) - before < .seconds(1))
            #expect(try Self.openFiles(of: node.process) < limit)
            let text = try await node.page("/metrics")
            let closed = "nova_federation_http_connections_closed_total"
            #expect(ServedNode.series(closed, in: text)[#"{cause="evicted"}"#] ?? 0 > 300)
            #expect(ServedNode.series("process_open_fds", in: text)[""] ?? 0 > 20)
            #expect(node.logLines("out of file descriptors").count == 1)
            for socket in crowd { socket.close() }
            try await eventually("the node is idle again") {
                try await node.value("nova_federation_http_connections") == 1
            }
            #expect(node.process.poll() == nil)
        }
    }

    @Test func `without any descriptor the node stays idle until there are some again`()
        async throws
    {
        try await withNode { node in
            let kept = try KeepAliveConnection(port: node.port)
            #expect(kept.get("/ready")?.status == 200)
            try await FileLimits.set(10, of: node.process)
            let crowd = try Self.crowd(node.port, count: 50)
            await eventually("accepting pauses") {
                !node.logLines("out of file descriptors").isEmpty
            }
            let before = try Self.cpu(of: node.process)
            try await Task.sleep(for: .seconds(3))
            #expect(try Self.cpu(of: node.process) - before < .milliseconds(500))
            #expect(node.process.poll() == nil)
            try await FileLimits.set(1_000, of: node.process)
            for socket in crowd { socket.close() }
            let text = try await node.page("/metrics")
            #expect(
                ServedNode.series("nova_federation_http_accept_pauses_total", in: text)[""] == 1
            )
            for name in ["process_open_fds", "process_resident_memory_bytes"] {
                #expect(ServedNode.series(name, in: text)[""] ?? 0 > 0, "\(name)")
            }
        }
    }

    @Test func `pulls leave the last descriptors to the rest of the process`() async throws {
        let peers = try (0..<120).map { _ in try ScriptedPeer(.silence) }
        defer { for peer in peers { peer.stop() } }
        let settings = ["NOVA_FED_SYNC_INTERVAL": "2", "NOVA_FED_SYNC_TIMEOUT": "2"]
        try await withNode(peers: peers.map(\.url), settings) { node in
            let limit = 100
            try await eventually("the pulls use more than the limit") {
                try Self.openFiles(of: node.process) > limit
            }
            try await FileLimits.set(limit, of: node.process)
            try await eventually("descriptors that were opened before are closed") {
                try Self.openFiles(of: node.process) < limit
            }
            try await eventually("pulls fail because there are no descriptors") {
                try await node.page("/federation/health").contains("Too many open files")
            }
            for _ in 0..<40 {
                #expect(try await node.probe.get("/ready").status == 200)
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(node.process.poll() == nil)
        }
    }

    @Test func `a scrape without a free descriptor hides no metric from later scrapes`()
        async throws
    {
        try await withNode { node in
            let kept = try KeepAliveConnection(port: node.port)
            #expect(kept.get("/ready")?.status == 200)
            try await FileLimits.set(3, of: node.process)
            let first = try #require(kept.get("/metrics"))
            #expect(first.status == 200)
            #expect(ServedNode.series("process_open_fds", in: first.text).isEmpty)
            try await FileLimits.set(1_000, of: node.process)
            let second = try #require(kept.get("/metrics"))
            for name in ["process_open_fds", "process_resident_memory_bytes"] {
                #expect(ServedNode.series(name, in: second.text)[""] ?? 0 > 0, "\(name)")
            }
        }
    }
}
