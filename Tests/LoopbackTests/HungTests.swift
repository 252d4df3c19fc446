import TestSupport
import Testing

/// Peers that accept a connection and never answer, beside peers that do.
@Suite struct HungTests {
    private static let interval = 5.0
    /// The default deadline of a pull, in seconds, and how much later it may end.
    private static let timeout = 2.5
    private static let lateness = 0.05

    @Test func `ten hung peers of a hundred delay no pull of the others`()
        async throws
    {
        let times = RequestTimes()
        let healthy = try (0..<90).map { try ScriptedPeer(times.script($0)) }
        let hung = try (0..<10).map { _ in try ScriptedPeer(.silence) }
        defer { for peer in healthy + hung { peer.stop() } }
        let node = try await ServedNode(
            peers: healthy.enumerated().map { "up\($0)=\($1.url)" }
                + hung.enumerated().map { "hung\($0)=\($1.url)" },
            settings: ["NOVA_FED_SYNC_INTERVAL": "\(Int(Self.interval))"]
        )
        defer { node.process.kill() }
        await eventually("each healthy peer was pulled three times", within: .seconds(20)) {
            healthy.indices.allSatisfy { times[$0].count >= 3 }
        }
        try await expectTimedOut(node)
        expectRegularPulls(of: healthy.indices, times)

        let metrics = try await node.metrics()
        // A pull of a hung peer can be missed if this machine notices its deadline late.
        let timedOut = metrics.pulls("error")
        let pulled = hung.reduce(0) { $0 + $1.requests.count }
        #expect(metrics.missed <= pulled - timedOut, "\(pulled) pulled, \(timedOut) timed out")
        #expect(metrics.pulls("success") >= 90 * 3)
        for number in healthy.indices {
            let series = "nova_federation_peer_success_rate{peer=\"up\(number)\"}"
            #expect(metrics[series] == 1)
        }
        #expect(node.logLines("peer is down").count == hung.count)
        #expect(node.logLines("peer is up").count == healthy.count)
        #expect(try await node.stop() == .exit(0))
    }

    /// Checks that each hung pull failed at its deadline while it waited for the first byte.
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

    /// Checks that each peer was pulled once in every interval, always at the same phase.
    private func expectRegularPulls(of peers: Range<Int>, _ requests: RequestTimes) {
        for peer in peers {
            // The first pull is out of phase: the first pass is faster.
            let times = requests[peer].dropFirst()
            for (earlier, later) in zip(times, times.dropFirst()) {
                let spacing = later - earlier
                // Allows for a busy machine; a lost slot would add 5 s.
                #expect(abs(spacing - Self.interval) < 0.25, "up\(peer) after \(spacing) s")
            }
        }
    }
}
