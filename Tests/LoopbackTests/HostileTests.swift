import Federation
import Foundation
import TestSupport
import Testing

/// One daemon and every hostile peer at once, over real sockets, with TLS and without.
@Suite struct HostileTests {
    private static let interval = 1.0
    /// Rounds before memory is first measured, and from then until it is measured again.
    private static let rounds = (before: 10, after: 20)

    @Test func `hostile peers get their reasons, good peers are pulled on time, memory stays flat`()
        async throws
    {
        let instance = HostilePeer.Instance()
        let wire = try HostilePeer.onTheWire()
        let summaries = try HostilePeer.inTheSummary()
        let identities = try HostilePeer.inIdentity(instance: instance)
        let handshakes = try HostilePeer.insteadOfHandshake()
        let good = try (1...4).map { try PunctualPeer("good-\($0)", gStar: Double($0) * 0.2) }
        let goodOverTLS = Array(good.suffix(2))
        let secure = try await HostilePeersOverTLS(relaying: wire + summaries, good: goodOverTLS)
        let hostile = wire + summaries + identities + handshakes + secure.hostile
        defer {
            for each in hostile { each.peer?.stop() }
            for each in good { each.peer.stop() }
        }
        #expect((wire + summaries).count >= 40)
        let refusing = "refused=http://127.99.1.1:\(try freePort(on: "127.99.1.1"))"
        let others = [
            refusing, "broadcast=http://255.255.255.255:9", "unnamed=http://nowhere.invalid:80",
        ]
        // The address sanitizer keeps freed memory for a while, which looks like growth.
        let settings = ServedNode.shortIntervals(interval: Self.interval, timeout: 0.5)
            .merging(
                ["ASAN_OPTIONS": "quarantine_size_mb=1", "NOVA_FED_CA_FILE": secure.authority]
            ) { $1 }
        let goodURLs = good.dropLast(goodOverTLS.count).map(\.peer.url) + secure.goodURLs
        let node = try await ServedNode(
            peers: hostile.map(\.entry) + zip(good, goodURLs).map { "\($0.name)=\($1)" } + others,
            settings: settings
        )
        defer { node.process.kill() }
        instance.set(try #require(node.logLines("msg=serving").first?.field("instance")))

        try await rounds(Self.rounds.before, of: node)
        let early = try await node.metrics()
        try await rounds(Self.rounds.after, of: node)
        let late = try await node.metrics()
        let health = try await node.health()

        expectReasons(hostile, health, late)
        expectOthers(health)
        expectIdentities(health)
        expectGood(good, health, late)
        expectFlat(early, late)
        expectLog(of: node, hostile)
        #expect(try await node.stop() == .exit(0))
    }

    /// Waits for `count` intervals.
    private func rounds(_ count: Int, of node: ServedNode) async throws {
        try await Task.sleep(for: .seconds(Double(count) * Self.interval))
        #expect(node.process.poll() == nil)
    }

    private func expectReasons(
        _ hostile: [HostilePeer],
        _ health: ServedHealth,
        _ metrics: ServedMetrics
    ) {
        for peer in hostile {
            let found = health.peer(peer.name)
            #expect(
                peer.outcomes.contains(found?.outcome ?? ""),
                "\(peer.name): \(found?.outcome ?? "nothing"), \(found?.lastFailure?.detail ?? "")"
            )
            var counts: [ErrorType: Double] = [:]
            for reason in FailureReason.allCases {
                let series = "nova_federation_pull_failures_total"
                let count =
                    metrics["\(series){peer=\"\(peer.name)\",reason=\"\(reason.rawValue)\"}"] ?? 0
                if peer.reasons.contains(reason.rawValue) {
                    counts[reason.errorType, default: 0] += count
                } else {
                    #expect(count == 0, "\(peer.name) also failed with \(reason)")
                }
            }
            guard !peer.reasons.isEmpty else { continue }
            let total = counts.values.reduce(0, +)
            #expect(total >= Double(Self.rounds.before), "\(peer.name) \(counts)")
            for (type, count) in counts {
                let errors = "nova_federation_sync_errors_total"
                let series = "\(errors){error_type=\"\(type.rawValue)\",peer=\"\(peer.name)\"}"
                #expect(metrics[series] ?? 0 == count, "\(peer.name) \(type)")
            }
            let last = found?.lastFailure
            let type = last.flatMap { FailureReason(rawValue: $0.reason)?.errorType }
            #expect(last?.errorType == type?.rawValue)
        }
    }

    private func expectOthers(_ health: ServedHealth) {
        #expect(health.peer("refused")?.outcome == "connect_refused in connect")
        #expect(health.peer("broadcast")?.outcome == "connect_failed in connect")
        // If no name server answers in time, it is a timeout in the same phase.
        let unnamed = health.peer("unnamed")?.outcome
        #expect(["dns_failed in dns", "timed_out in dns"].contains(unnamed))
        #expect(health.peer("status-500")?.lastFailure?.status == 500)
        let detail = health.peer("status-500")?.lastFailure?.detail
        #expect(detail?.contains("wisdom governor") == true)
        #expect(health.peer("redirects")?.lastFailure?.status == 302)
    }

    private func expectIdentities(_ health: ServedHealth) {
        let expected = [
            "own-id": "clone", "clone": "clone", "own-instance": "self", "changing": "changing",
            "tomorrow": "ok", "long-ago": "ok",
        ]
        for (name, identity) in expected {
            #expect(health.peer(name)?.identity == identity, "\(name)")
        }
        // The twin that answered first counts.
        let twins = ["twin-a", "twin-b"].compactMap { health.peer($0)?.identity }
        #expect(twins.sorted() == ["duplicate", "ok"])
    }

    private func expectGood(
        _ good: [PunctualPeer],
        _ health: ServedHealth,
        _ metrics: ServedMetrics
    ) {
        for peer in good {
            let found = health.peer(peer.name)
            #expect(found?.outcome == "up" && found?.identity == "ok")
            #expect(found?.successRate == 1)
            #expect(found?.samples ?? 0 >= 2)
            #expect(metrics["nova_federation_peer_success_rate{peer=\"\(peer.name)\"}"] == 1)
            // All pulls on one connection, an interval apart except for the first.
            #expect(peer.peer.connectionCount == 1)
            let pauses = peer.pauses.dropFirst()
            #expect(pauses.count >= Self.rounds.before + Self.rounds.after - 4)
            let irregular = pauses.filter { abs($0 - Self.interval) > 0.25 }
            #expect(irregular.isEmpty, "\(peer.name) was pulled \(irregular) seconds apart")
        }
    }

    private func expectFlat(_ early: ServedMetrics, _ late: ServedMetrics) {
        for name in ["process_resident_memory_bytes", "process_open_fds"] {
            let (first, last) = (early[name] ?? 0, late[name] ?? .infinity)
            #expect(first > 0)
            // Allows for a few arenas of the allocator, not for what a peer sends in one round. The
            // address sanitizer has its own allocator; `make asan` sets LSAN_OPTIONS.
            let isSanitized = ProcessInfo.processInfo.environment["LSAN_OPTIONS"] != nil
            let memory = isSanitized ? 16_000_000.0 : 4_000_000
            let room = name == "process_open_fds" ? 20.0 : memory
            #expect(last <= first + room, "\(name) grew from \(first) to \(last)")
        }
        let late = late["nova_federation_pull_result_total{status=\"error\"}"] ?? 0
        #expect(late > early["nova_federation_pull_result_total{status=\"error\"}"] ?? .infinity)
    }

    /// Checks that a change of state is logged once, and not every failed pull.
    private func expectLog(of node: ServedNode, _ hostile: [HostilePeer]) {
        // Of the same peer with TLS and without.
        #expect(node.logLines("wisdom governor").count == 2)
        let downs = node.logLines("peer is down").map { $0.field("peer") }
        for peer in hostile where !peer.reasons.isEmpty {
            let count = downs.count { $0 == peer.name }
            #expect(count == 1, "\(peer.name) was logged as down \(count) times")
        }
    }
}
