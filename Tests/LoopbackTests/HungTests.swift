import Synchronization
import TestSupport
import Testing

/// Peers that accept a connection and never answer, beside peers that do.
@Suite struct HungTests {
    private static let interval = 5.0
    /// The default deadline of a pull, in seconds, and how much later it may end.
    private static let timeout = 2.5
    private static let lateness = 0.05

    /// When each request came, in seconds of a common clock, by the number of its peer.
    private final class Beats: Sendable {
        private let start = ContinuousClock.now
        private let times = Mutex<[Int: [Double]]>([:])

        func note(_ peer: Int) {
            let now = (ContinuousClock.now - start) / .seconds(1)
            times.withLock { $0[peer, default: []].append(now) }
        }

        subscript(peer: Int) -> [Double] { times.withLock { $0[peer] ?? [] } }
    }

    @Test func `ten of a hundred peers that never answer cost the others not one beat`()
        async throws
    {
        let beats = Beats()
        let healthy = try (0..<90)
            .map { number in
                let body = summaryJSON(nodeID: "nova-\(number)")
                return try ScriptedPeer(
                    .answering { _ in
                        beats.note(number)
                        return response(body: body)
                    }
                )
            }
        let hung = try (0..<10).map { _ in try ScriptedPeer(.silence) }
        defer { for peer in healthy + hung { peer.stop() } }
        let node = try await ServedNode(
            peers: healthy.enumerated().map { "up\($0)=\($1.url)" }
                + hung.enumerated().map { "hung\($0)=\($1.url)" },
            settings: ["NOVA_FED_SYNC_INTERVAL": "\(Int(Self.interval))"]
        )
        defer { node.process.kill() }
        await eventually("each was asked in the first pass and twice more", within: .seconds(20)) {
            healthy.indices.allSatisfy { beats[$0].count >= 3 }
        }
        try await expectTimedOut(node)
        expectBeat(of: healthy.indices, in: beats)

        let metrics = try await node.metrics()
        // Missed is at most a pull of a hung peer whose deadline this machine was late to see.
        let timedOut = metrics.pulls("error")
        let asked = hung.reduce(0) { $0 + $1.requests.count }
        #expect(metrics.missed <= asked - timedOut, "\(asked) asked, \(timedOut) timed out")
        #expect(metrics.pulls("success") >= 90 * 3)
        for number in healthy.indices {
            let series = "nova_federation_peer_success_rate{peer=\"up\(number)\"}"
            #expect(metrics[series] == 1)
        }
        #expect(node.logLines("peer is down").count == hung.count)
        #expect(node.logLines("peer is up").count == healthy.count)
        #expect(try await node.stop() == .exit(0))
    }

    /// That each hung pull is one failure, at its deadline, while waiting for the first byte.
    private func expectTimedOut(_ node: ServedNode) async throws {
        let metrics = try await node.metrics()
        for peer in try await node.health().peers where peer.id.hasPrefix("hung") {
            #expect(peer.state == "down")
            #expect(peer.lastFailure?.reason == "timed_out")
            #expect(peer.lastFailure?.phase == "first_byte")
            #expect(peer.successRate == 0)
            let total = try #require(peer.timings?.total)
            #expect(total >= Self.timeout - 0.001)
            #expect(total <= Self.timeout + Self.lateness, "\(peer.id) took \(total) s")
            #expect(peer.timings?.firstByte == nil)
            let reason = "{peer=\"\(peer.id)\",reason=\"timed_out\"}"
            let timedOut = metrics["nova_federation_pull_failures_total\(reason)"]
            let type = "{error_type=\"http_error\",peer=\"\(peer.id)\"}"
            #expect(metrics["nova_federation_sync_errors_total\(type)"] == timedOut)
            #expect(try #require(timedOut) >= 1)
        }
    }

    /// That each peer was asked once in every interval, always at the same point of it.
    private func expectBeat(of peers: Range<Int>, in beats: Beats) {
        for peer in peers {
            // The first pull belongs to the quick first pass.
            let times = beats[peer].dropFirst()
            for (earlier, later) in zip(times, times.dropFirst()) {
                let spacing = later - earlier
                // The test's own machine may be busy; a beat that is lost would be 5 s away.
                #expect(abs(spacing - Self.interval) < 0.25, "up\(peer) after \(spacing) s")
            }
        }
    }
}
