import Foundation
import Glibc
import TestSupport
import Testing

/// Nodes are restarted one after the other behind a balancer, and nobody who asks it notices.
@Suite struct RollingRestartTests {
    /// How many restarts; `make rolling RESTARTS=200` sets it.
    private static let restarts =
        ProcessInfo.processInfo.environment["ROLLING_RESTARTS"].flatMap { Int($0) } ?? 30

    /// The checks of HAProxy and the drain of a node, all five times as fast as shipped.
    private static let fiveTimesAsFast: [Edit] = [
        ("inter 500ms", "inter 100ms"), ("timeout check 500ms", "timeout check 100ms"),
    ]

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

    /// Restarts nodes in turn under load; HAProxy has to take each out within `limit` of its signal.
    private func roll(
        _ nodes: [BalancedNode],
        times: Int,
        behind balancer: Balancer,
        noticing limit: Duration
    ) async throws {
        var slowest = Duration.zero
        let start = ContinuousClock.now
        let tally = try await SteadyLoad.on(port: balancer.port) { load in
            for number in 0..<times {
                let node = nodes[number % nodes.count]
                let answers = load.tally.answers
                let signal = ContinuousClock.now
                node.send(SIGTERM)
                try await balancer.waitUntil(node.name, is: "DOWN", within: limit)
                slowest = max(slowest, ContinuousClock.now - signal)
                try await node.waitForStop()
                try await node.start()
                try await balancer.waitUntil(node.name, is: "UP", within: .seconds(10))
                #expect(load.tally.answers > answers + 50, "it went on being asked")
            }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(
            "\(times) restarts in \(seconds) s, \(tally.answers) requests answered,",
            "\(tally.failures.count) failed; noticed within \(slowest)"
        )
        #expect(tally.failures == [])
        #expect(tally.nodes == Set(nodes.map(\.name)))
        #expect(tally.keptConnections == SteadyLoad.keeping, "kept connections were kept")
        for node in nodes {
            let counts = try await balancer.statistics(of: node.name)
            #expect(counts["wretr"] == "0" && counts["wredis"] == "0", "nothing was repeated")
        }
    }
}
