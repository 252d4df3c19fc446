import Foundation
import Glibc
import TestSupport
import Testing

/// Nodes are restarted one after the other behind a balancer, and nobody who asks it notices.
@Suite struct RollingRestartTests {
    /// How many restarts; `make rolling RESTARTS=200` sets it.
    private static let restarts =
        ProcessInfo.processInfo.environment["ROLLING_RESTARTS"].flatMap { Int($0) } ?? 30

    /// The checks of HAProxy five times as often as shipped, for a drain a fifth as long.
    private static let fiveTimesAsFast: [Edit] = [("inter 500ms", "inter 100ms")]

    @Test func `no request fails through HAProxy while nodes restart in turn`() async throws {
        try await withNodes(["NOVA_FED_DRAIN_SEC": "1"]) { nodes in
            try await withBalancer(.haproxy, over: nodes, Self.fiveTimesAsFast) { balancer in
                try await roll(nodes, times: Self.restarts, behind: balancer, noticing: .seconds(1))
            }
        }
    }

    @Test func `nor with checks and drain as shipped`() async throws {
        try await withNodes { nodes in
            try await withBalancer(.haproxy, over: nodes) { balancer in
                try await roll(nodes, times: 3, behind: balancer, noticing: .seconds(3.5))
            }
        }
    }

    @Test func `without a drain requests have to be repeated, and none fails`() async throws {
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

    @Test func `no request fails through nginx, which only sees who refuses it`() async throws {
        // A drain shorter than shipped leaves nginx less time to forget who refused it.
        try await withNodes(["NOVA_FED_DRAIN_SEC": "2.5"]) { nodes in
            try await withBalancer(.nginx, over: nodes) { balancer in
                let tally = try await roll(nodes, times: 6, behind: balancer) { node in
                    try await node.restart()
                }
                print("nginx: 6 restarts, \(tally)")
            }
        }
    }

    /// Restarts nodes in turn; HAProxy has to take each out within `limit` of its signal.
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

    /// Has nodes restarted in turn under load, of which nothing fails.
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
                #expect(load.tally.answers > answers + 50, "it went on being asked")
            }
        }
        #expect(tally.failures == [])
        #expect(tally.nodes == Set(nodes.map(\.name)))
        if balancer.kind == .haproxy {
            #expect(tally.keptConnections == SteadyLoad.keeping, "kept connections were kept")
        }
        return tally
    }

    /// How many requests to these nodes HAProxy sent again, to them or to others.
    private func repeated(by balancer: Balancer, to nodes: [BalancedNode]) async throws -> Int {
        var count = 0
        for node in nodes {
            let counts = try await balancer.statistics(of: node.name)
            for name in ["wretr", "wredis"] {
                count += try #require(counts[name].flatMap { Int($0) }, "HAProxy counts \(name)")
            }
        }
        return count
    }
}
