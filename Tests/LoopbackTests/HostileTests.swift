import Federation
import Foundation
import TestSupport
import Testing

/// One daemon and every hostile peer at once, over real sockets.
@Suite struct HostileTests {
    private static let interval = 1.0
    /// Rounds until memory is first looked at, and from then until it is looked at again.
    private static let rounds = (before: 10, after: 20)

    @Test func `each hostile peer has its reason, good ones keep their beat, memory stays flat`()
        async throws
    {
        let instance = HostilePeer.Instance()
        let wire = try HostilePeer.onTheWire()
        let summaries = try HostilePeer.inTheSummary()
        let identities = try HostilePeer.inIdentity(instance: instance)
        let hostile = wire + summaries + identities
        let good = try (1...4).map { try PunctualPeer("good-\($0)", gStar: Double($0) * 0.2) }
        defer {
            for each in hostile { each.peer.stop() }
            for each in good { each.peer.stop() }
        }
        #expect((wire + summaries).count >= 40)
        let refusing = "refused=http://127.99.1.1:\(try freePort(on: "127.99.1.1"))"
        let others = [
            refusing, "broadcast=http://255.255.255.255:9", "unnamed=http://nowhere.invalid:80",
        ]
        let environment = HostileNode.environment(
            peers: hostile.map(\.entry) + good.map(\.entry) + others,
            interval: Self.interval,
            timeout: 0.5,
            // The address sanitizer keeps what was freed for a while, which looks like growth.
            more: ["ASAN_OPTIONS": "quarantine_size_mb=1"]
        )
        try await withDaemon(environment: environment) { daemon in
            let node = try await HostileNode(daemon)
            let line = try await daemon.logLine(containing: "msg=serving")
            instance.set(try #require(HostileNode.field("instance", of: line)))

            try await rounds(Self.rounds.before, of: node)
            let early = try await node.metrics()
            try await rounds(Self.rounds.after, of: node)
            let late = try await node.metrics()
            let health = try await node.peers()

            expectReasons(hostile, health, late)
            expectOthers(health)
            expectIdentities(health)
            expectGood(good, health, late)
            expectFlat(early, late)
            expectLog(daemon.log, of: hostile)
            try await node.stop()
        }
    }

    /// Waits until `count` more pulls of each peer have had the time to end.
    private func rounds(_ count: Int, of node: HostileNode) async throws {
        try await Task.sleep(for: .seconds(Double(count) * Self.interval))
        #expect(node.daemon.poll() == nil)
    }

    private func expectReasons(
        _ hostile: [HostilePeer],
        _ health: [String: HostileNode.PeerHealth],
        _ metrics: [String: Double]
    ) {
        for peer in hostile {
            let said = health[peer.name]
            #expect(
                peer.words.contains(said?.words ?? ""),
                "\(peer.name): \(said?.words ?? "nothing"), \(said?.lastFailure?.detail ?? "")"
            )
            for reason in FailureReason.allCases {
                let series = "nova_federation_pull_failures_total"
                let count =
                    metrics["\(series){peer=\"\(peer.name)\",reason=\"\(reason.rawValue)\"}"] ?? 0
                guard reason.rawValue == peer.reason else {
                    #expect(count == 0, "\(peer.name) failed for \(reason) too")
                    continue
                }
                #expect(count >= Double(Self.rounds.before), "\(peer.name) \(reason)")
                #expect(said?.lastFailure?.errorType == reason.errorType.rawValue)
                let type = reason.errorType.rawValue
                let errors = "nova_federation_sync_errors_total"
                #expect(metrics["\(errors){error_type=\"\(type)\",peer=\"\(peer.name)\"}"] == count)
            }
        }
    }

    private func expectOthers(_ health: [String: HostileNode.PeerHealth]) {
        #expect(health["refused"]?.words == "connect_refused in connect")
        #expect(health["broadcast"]?.words == "connect_failed in connect")
        // Where no name server answers in time it is a time-out, in the same phase.
        #expect(["dns_failed in dns", "timed_out in dns"].contains(health["unnamed"]?.words))
        #expect(health["status-500"]?.lastFailure?.status == 500)
        #expect(health["status-500"]?.lastFailure?.detail.contains("wisdom governor") == true)
        #expect(health["redirects"]?.lastFailure?.status == 302)
    }

    private func expectIdentities(_ health: [String: HostileNode.PeerHealth]) {
        let expected = [
            "own-id": "clone", "clone": "clone", "own-instance": "self", "changing": "changing",
            "tomorrow": "ok", "long-ago": "ok",
        ]
        for (name, identity) in expected {
            #expect(health[name]?.identity == identity, "\(name)")
        }
        // The twin that answered first counts.
        let twins = ["twin-a", "twin-b"].compactMap { health[$0]?.identity }
        #expect(twins.sorted() == ["duplicate", "ok"])
    }

    private func expectGood(
        _ good: [PunctualPeer],
        _ health: [String: HostileNode.PeerHealth],
        _ metrics: [String: Double]
    ) {
        for peer in good {
            let said = health[peer.name]
            #expect(said?.words == "up")
            #expect(said?.identity == "ok")
            #expect(said?.successRate == 1)
            #expect(said?.samples ?? 0 >= 2)
            #expect(metrics["nova_federation_peer_success_rate{peer=\"\(peer.name)\"}"] == 1)
            // One connection for all, a beat apart; the first pull comes out of its turn.
            #expect(peer.peer.connectionCount == 1)
            let pauses = peer.pauses.dropFirst()
            #expect(pauses.count >= Self.rounds.before + Self.rounds.after - 4)
            let offBeat = pauses.filter { abs($0 - Self.interval) > 0.25 }
            #expect(offBeat.isEmpty, "\(peer.name) was asked \(offBeat) seconds apart")
        }
    }

    private func expectFlat(_ early: [String: Double], _ late: [String: Double]) {
        for name in ["process_resident_memory_bytes", "process_open_fds"] {
            let (first, last) = (early[name] ?? 0, late[name] ?? .infinity)
            #expect(first > 0)
            // Room for a few arenas of the allocator, not for what a peer sends in one round. The
            // sanitizer, whose run the Makefile marks, has an allocator of its own.
            let isSanitized = ProcessInfo.processInfo.environment["LSAN_OPTIONS"] != nil
            let memory = isSanitized ? 16_000_000.0 : 4_000_000
            let room = name == "process_open_fds" ? 20.0 : memory
            #expect(last <= first + room, "\(name) grew from \(first) to \(last)")
        }
        let late = late["nova_federation_pull_result_total{status=\"error\"}"] ?? 0
        #expect(late > early["nova_federation_pull_result_total{status=\"error\"}"] ?? .infinity)
    }

    /// A change of state is said once, not every failed pull.
    private func expectLog(_ log: String, of hostile: [HostilePeer]) {
        let lines = log.split(separator: "\n")
        #expect(lines.count { $0.contains("wisdom governor") } == 1)
        for peer in hostile where peer.reason != nil {
            let count = lines.count {
                $0.contains("peer is down")
                    && HostileNode.field("peer", of: String($0)) == peer.name
            }
            #expect(count == 1, "\(peer.name) was said to be down \(count) times")
        }
    }
}
