import Foundation
import TestSupport
import Testing

/// A real node with far more clients than it may have connections.
@Suite struct FloodTests {
    /// The latencies of successive requests, and how many requests failed.
    private struct Latencies {
        var sorted: [Duration]
        var failures: Int

        /// Nearest rank.
        var p99: Duration { sorted[(sorted.count * 99 + 99) / 100 - 1] }
    }

    /// Requests a path repeatedly, each time on a new connection.
    private static func ask(
        _ port: Int,
        _ path: String,
        for duration: Duration
    ) async throws -> Latencies {
        try await onNewThread {
            let deadline = ContinuousClock.now + duration
            var latencies = Latencies(sorted: [], failures: 0)
            while ContinuousClock.now < deadline {
                let start = ContinuousClock.now
                let connection = try KeepAliveConnection(port: port, timeout: .seconds(5))
                if connection.get(path)?.status != 200 { latencies.failures += 1 }
                latencies.sorted.append(.now - start)
                connection.close()
                usleep(20_000)
            }
            latencies.sorted.sort()
            return latencies
        }
    }

    @Test func `ten thousand hostile connections delay neither /ready nor the summary`()
        async throws
    {
        try await withNode(["NOVA_FED_LOG_LEVEL": "notice"]) { node in
            // 5,000 of each kind if the limit of open files allows it.
            let count = min(5_000, FileLimits.hard / 2 - 100)
            let flood = try Flood.start(
                on: node.port,
                halves: count,
                drips: count,
                life: .seconds(5)
            )
            defer { flood.kill() }
            try await eventually("the node is full", within: .seconds(20)) {
                try await node.value("nova_federation_http_connections") > 3_500
            }
            async let ready = Self.ask(node.port, "/ready", for: .seconds(12))
            async let summary = Self.ask(
                node.port,
                "/federation/sync/summary",
                for: .seconds(12)
            )
            for (path, latencies) in try await [("/ready", ready), ("the summary", summary)] {
                #expect(latencies.failures == 0, "\(path)")
                #expect(latencies.p99 < .milliseconds(100), "\(path): \(latencies.p99)")
                #expect(latencies.sorted.count > 200)
            }
            #expect(try await node.value("nova_federation_http_connections") <= 4_096)
            #expect(node.logLines("connection limit reached").count == 1)
            #expect(flood.poll() == nil, "\(flood.log)")
        }
    }

    @Test func `two thousand aborted requests are gone within a second`() async throws {
        try await withNode { node in
            try await onNewThread {
                for _ in 0..<2_000 {
                    let socket = try Socket.connected(to: "127.0.0.1", port: node.port)
                    socket.send(Array("GET /ready HT".utf8), until: .now + .seconds(5))
                    socket.finishSending()
                }
            }
            try await eventually("only the connection of the probe is left", within: .seconds(1)) {
                try await node.value("nova_federation_http_connections") == 1
            }
        }
    }
}

extension ServedNode {
    /// The value of a metric without labels.
    func value(_ name: String) async throws -> Double {
        let value = Self.series(name, in: try await page("/metrics"))[""]
        guard let value else { throw TestError("\(name) is missing.") }
        return value
    }
}

/// The limits of open files, of this process and of others.
enum FileLimits {
    static var hard: Int {
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }

    /// Changes the soft limit of a running process.
    static func set(_ count: Int, of process: ChildProcess) async throws {
        let finished = try await run(
            try tool(named: "prlimit", package: "util-linux"),
            ["--pid", "\(process.pid)", "--nofile=\(count):"]
        )
        guard finished.ending == .exit(0) else { throw TestError(finished.log) }
    }
}
