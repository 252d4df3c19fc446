import Foundation
import Glibc
import TestSupport
import Testing

/// Nodes restart one after the other behind a load balancer, and no request fails.
@Suite struct RollingRestartTests {
    /// The number of restarts; `make rolling RESTARTS=200` sets it.
    private static let restarts =
        ProcessInfo.processInfo.environment["ROLLING_RESTARTS"].flatMap { Int($0) } ?? 30

    /// HAProxy's checks five times as often as shipped, for a drain a fifth as long.
    static let fiveTimesAsFast: [Edit] = [("inter 500ms", "inter 100ms")]

    @Test func `no request fails through HAProxy while nodes restart in turn`() async throws {
        try await withNodes(["NOVA_FED_DRAIN_SEC": "1"]) { nodes in
            try await withBalancer(.haproxy, over: nodes, Self.fiveTimesAsFast) { balancer in
                try await roll(nodes, times: Self.restarts, behind: balancer, noticing: .seconds(1))
            }
        }
    }

    @Test func `no request fails through HAProxy with checks and drain as shipped`() async throws {
        try await withNodes { nodes in
            try await withBalancer(.haproxy, over: nodes) { balancer in
                try await roll(nodes, times: 3, behind: balancer, noticing: .seconds(3.5))
            }
        }
    }

    @Test func `without a drain requests are repeated, and none fails`() async throws {
        try await withNodes(["NOVA_FED_DRAIN_SEC": "0"]) { nodes in
            try await withBalancer(.haproxy, over: nodes) { balancer in
                let tally = try await SteadyLoad.on(port: balancer.port) { _ in
                    try await nodes[0].restart()
                    try await balancer.waitUntil("n1", is: "UP", within: .seconds(10))
                }
                #expect(tally.failures == [])
                #expect(try await repeated(by: balancer, to: [nodes[0]]) > 0)
            }
        }
    }

    @Test func `no request fails through nginx, which only detects refusals`() async throws {
        // With a drain shorter than shipped, nginx has less time to include a node again.
        try await withNodes(["NOVA_FED_DRAIN_SEC": "2.5"]) { nodes in
            try await withBalancer(.nginx, over: nodes) { balancer in
                let tally = try await roll(nodes, times: 6, behind: balancer) { node in
                    try await node.restart()
                }
                print("nginx: 6 restarts, \(tally)")
            }
        }
    }

    /// Restarts nodes in turn; HAProxy must remove each within `limit` of its signal.
    private func roll(
        _ nodes: [BalancedNode],
        times: Int,
        behind balancer: Balancer,
        noticing limit: Duration
    ) async throws {
        var slowest = Duration.zero
        let tally = try await roll(nodes, times: times, behind: balancer) { node in
            let signal = ContinuousClock.now
            node.send(SIGTERM)
            try await balancer.waitUntil(node.name, is: "DOWN", within: limit)
            slowest = max(slowest, ContinuousClock.now - signal)
            try await node.waitForStop()
            try await node.start()
            try await balancer.waitUntil(node.name, is: "UP", within: .seconds(10))
        }
        let repeated = try await repeated(by: balancer, to: nodes)
        #expect(repeated == 0)
        print(
            "haproxy: \(times) restarts, \(tally), \(repeated) repeated,",
            "a drain noticed within \(Int(slowest / .milliseconds(1))) ms"
        )
    }

    /// Restarts nodes in turn under load, and expects that no request fails.
    private func roll(
        _ nodes: [BalancedNode],
        times: Int,
        behind balancer: Balancer,
        restart: (BalancedNode) async throws -> Void
    ) async throws -> SteadyLoad.Tally {
        let tally = try await SteadyLoad.on(port: balancer.port) { load in
            for number in 0..<times {
                let answers = load.tally.answers
                try await restart(nodes[number % nodes.count])
                #expect(load.tally.answers > answers + 50, "requests continued")
            }
        }
        #expect(tally.failures == [])
        #expect(tally.nodes == Set(nodes.map(\.name)))
        if balancer.kind == .haproxy {
            #expect(tally.keptConnections == SteadyLoad.keeping, "kept connections were kept")
        }
        return tally
    }

    /// The number of requests to these nodes that HAProxy repeated, at the same or another node.
    private func repeated(by balancer: Balancer, to nodes: [BalancedNode]) async throws -> Int {
        var count = 0
        for node in nodes {
            let counts = try await balancer.statistics(of: node.name)
            for name in ["wretr", "wredis"] {
                count += try #require(counts[name].flatMap { Int($0) }, "no counter \(name)")
            }
        }
        return count
    }
}
