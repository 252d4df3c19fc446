import Federation
import Foundation
import Glibc
import PeerSync
import TestSupport
import Testing

@testable import Timing

/// Nodes that do not get the CPU: paused, at the lowest priority, or beside real-time programs.
///
/// `PAUSES` sets the number of pauses.
@Suite struct StarvationTests {
    private static let pauses =
        ProcessInfo.processInfo.environment["PAUSES"].flatMap(Int.init) ?? 50
    private static let nodes = min(50, pauses)
    private static let peerCount = 3

    /// A node and the fast peers that it pulls once a second.
    private struct Stage {
        let peers: [ScriptedPeer]
        let node: ServedNode
        /// The fraction of a second that is farthest from every slot.
        let quiet: Double

        /// `number` makes the node ids unique.
        init(_ number: Int, peers: [ScriptedPeer]) async throws {
            let nodeID = "starved-\(number)"
            self.peers = peers
            quiet = try quietMoment(of: peers, nodeID: nodeID)
            node = try await ServedNode(
                peers: peers.enumerated().map { "p\($0)=\($1.url)" },
                settings: [
                    "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_FED_SYNC_TIMEOUT": "0.5",
                    "NOVA_NODE_ID": nodeID,
                ]
            )
            try await eventually("all are up and the first pass is over", within: .seconds(60)) {
                try await node.metrics().pulls("success") >= 2 * peers.count
            }
        }

        /// The decided slots at a quiet moment, and its Unix time.
        func count() async throws -> (metrics: ServedMetrics, at: Double) {
            while true {
                let (metrics, at) = try await metricsAtQuietMoment(of: node, quiet)
                // A response that took longer may be of another moment.
                if Date().timeIntervalSince1970 - at < 0.05, metrics.inFlight == 0 {
                    return (metrics, at)
                }
            }
        }

        /// Expects no failure since `start`, and one decision for each slot.
        func expectNoFalseReport(
            since start: (metrics: ServedMetrics, at: Double)
        ) async throws -> Int {
            let end = try await count()
            #expect(end.metrics.pulls("error") == 0)
            let seconds = Int((end.at - start.at).rounded())
            let slots = end.metrics.slots - start.metrics.slots
            #expect(slots == seconds * peers.count, "\(slots) slots in \(seconds) s")
            #expect(node.logLines("peer is down").isEmpty)
            #expect(node.logLines("peer is up").count == peers.count)
            #expect(try await node.health().peers.allSatisfy { $0.successRate == 1 })
            return end.metrics.missed - start.metrics.missed
        }
    }

    private func withPeers<Value>(
        _ body: ([ScriptedPeer]) async throws -> Value
    ) async throws
        -> Value
    {
        let peers = try (0..<Self.peerCount).map { try ScriptedPeer(.summary(nodeID: "p\($0)")) }
        defer { for peer in peers { peer.stop() } }
        return try await body(peers)
    }

    @Test func `random pauses of 1 to 10 s cause no false report, and every slot is counted`()
        async throws
    {
        try await withPeers { peers in
            let missed = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<Self.nodes {
                    let count = (Self.pauses + Self.nodes - 1 - number) / Self.nodes
                    group.addTask {
                        let stage = try await Stage(number, peers: peers)
                        return try await Self.pause(stage, times: count, seed: number)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(missed >= Self.pauses * Self.peerCount / 2)
        }
    }

    /// Pauses a node and returns the number of missed slots.
    private static func pause(_ stage: Stage, times: Int, seed: Int) async throws -> Int {
        defer { stage.node.process.kill() }
        var generator = SeededGenerator(seed: UInt64(seed))
        let start = try await stage.count()
        for _ in 0..<times {
            stage.node.process.send(SIGSTOP)
            try await Task.sleep(for: .seconds(Double.random(in: 1...10, using: &generator)))
            stage.node.process.send(SIGCONT)
            try await Task.sleep(for: .seconds(Double.random(in: 0.1...2, using: &generator)))
        }
        let before = try await stage.node.metrics().pulls("success")
        try await eventually("each peer is pulled again") {
            try await stage.node.metrics().pulls("success") >= before + 2 * peerCount
        }
        return try await stage.expectNoFalseReport(since: start)
    }

    @Test func `a node at the lowest priority on a busy machine reports no peer as down`()
        async throws
    {
        try await withPeers { peers in
            let stage = try await Stage(0, peers: peers)
            defer { stage.node.process.kill() }
            let start = try await stage.count()
            let threads = "/proc/\(stage.node.process.pid)/task"
            for thread in try FileManager.default.contentsOfDirectory(atPath: threads) {
                let id = try #require(UInt32(thread))
                #expect(setpriority(__priority_which_t(PRIO_PROCESS.rawValue), id, 19) == 0)
            }
            let loops = try (0..<2 * ProcessInfo.processInfo.activeProcessorCount)
                .map { _ in
                    try ChildProcess("/bin/sh", ["-c", "while :; do :; done"])
                }
            defer { for loop in loops { loop.kill() } }
            try await Task.sleep(for: .seconds(10))
            for loop in loops { loop.kill() }
            _ = try await stage.expectNoFalseReport(since: start)
        }
    }

    /// Takes all processors for half of the time, with a real-time priority; as root only.
    private static let loop = """
        import os, sys, time
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[int(sys.argv[1])]})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        print("ready", file=sys.stderr, flush=True)
        while True:
            # All of them at the same time.
            while time.monotonic() % 0.6 < 0.3: pass
            time.sleep(0.6 - time.monotonic() % 0.6)
        """

    @Test(.enabled(if: geteuid() == 0, "a real-time priority needs root"))
    func `programs with a real-time priority do not change the p95 of fast peers`()
        async throws
    {
        try await withPeers { peers in
            let stage = try await Stage(0, peers: peers)
            defer { stage.node.process.kill() }
            let python = try tool(named: "python3", package: "python3")
            let loops = try (0..<ProcessInfo.processInfo.activeProcessorCount)
                .map { try ChildProcess(python, ["-c", Self.loop, "\($0)"]) }
            defer { for loop in loops { loop.kill() } }
            for loop in loops { _ = try await loop.logLine(containing: "ready") }
            try await Task.sleep(for: .seconds(10))
            for loop in loops { loop.kill() }
            let health = try await stage.node.health()
            for peer in health.peers {
                #expect(peer.successRate == 1)
                #expect(try #require(peer.p95) < 0.02)
            }
            let metrics = try await stage.node.metrics()
            // The programs did displace the node: some pulls began more than 0.1 s late.
            let lateness = "nova_federation_schedule_lateness_seconds"
            let started = try #require(metrics["\(lateness)_count"])
            #expect(try #require(metrics["\(lateness)_bucket{le=\"0.1\"}"]) < started)
        }
    }
}
