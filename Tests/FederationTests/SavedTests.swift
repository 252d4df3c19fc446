import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// What a restart keeps of the peers and of the governor.
@Suite struct SavedTests {
    /// Times lose digits, because a row has Unix seconds as doubles.
    private static func agree(_ left: Double?, _ right: Double?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return abs(left - right) < 1e-5
    }

    /// A gap counts only for the age of numbers.
    private func expectEqual(
        _ restored: Report,
        _ original: Report,
        _ place: Comment,
        gap: Double = 0
    ) {
        #expect(restored.peers.map(\.peer) == original.peers.map(\.peer), place)
        for (new, old) in zip(restored.peers, original.peers) {
            let place: Comment = "\(old.peer.label), \(place)"
            #expect(new.state == old.state, place)
            #expect(new.identity == old.identity, place)
            #expect(new.isLive == old.isLive, place)
            #expect(new.isCounted == old.isCounted, place)
            #expect(new.holder == old.holder, place)
            #expect(Self.agree(new.quality.value, old.quality.value), place)
            #expect(new.quality.successRate == old.quality.successRate, place)
            #expect(new.quality.latencyP95 == old.quality.latencyP95, place)
            #expect(new.quality.samples == old.quality.samples, place)
            #expect(new.quality.lowConfidence == old.quality.lowConfidence, place)
            #expect(new.nodeID == old.nodeID, place)
            #expect(new.version == old.version, place)
            #expect(new.info?.nodeID == old.info?.nodeID, place)
            #expect(new.info?.version == old.info?.version, place)
            #expect(Self.agree(new.lastSeenWall, old.lastSeenWall), place)
            #expect(Self.agree(new.ageSeconds, old.ageSeconds), place)
            #expect(Self.agree(new.tsAgeSeconds, old.tsAgeSeconds), place)
            #expect(new.isStale == old.isStale, place)
            #expect(
                Self.agree(new.numbersAgeSeconds, old.numbersAgeSeconds.map { $0 + gap }),
                place
            )
            #expect(new.gStar == old.gStar, place)
            #expect(new.lastFailure?.failure == old.lastFailure?.failure, place)
            #expect(Self.agree(new.lastFailureAgeSeconds, old.lastFailureAgeSeconds), place)
            #expect(new.lastTimings == old.lastTimings, place)
            #expect(new.failures.isEmpty, place)
        }
        #expect(restored.liveCount == original.liveCount, place)
        #expect(restored.peerGStars == original.peerGStars, place)
        #expect(restored.novelty == original.novelty, place)
        #expect(Self.agree(restored.meanQuality, original.meanQuality), place)
        #expect(restored.ready == original.ready, place)
    }

    @Test func `the histories of these tests lead to all states and identities`() {
        let report = SavedState.ledger().report(at: SavedState.end)
        #expect(Set(report.peers.map(\.state)) == Set(PeerState.allCases))
        #expect(Set(report.peers.map(\.identity)) == Set(IdentityState.allCases))
        let failures = report.peers.compactMap(\.lastFailure?.failure)
        #expect(Set(failures.map(\.reason)) == Set(FailureReason.allCases))
        #expect(Set(failures.map(\.stage)) == Set(PullStage.allCases + [nil]))
        #expect(report.liveCount > 2 && report.novelty > 0)
        #expect(report.peers.filter(\.isStale).map(\.peer.label) == ["stale"])
    }

    @Test(arguments: [0.0, 10, 30, 80, 120])
    func `a restart without a gap leaves every report as it was`(later: Double) {
        let original = SavedState.ledger()
        let rows = original.rows(at: SavedState.end)
        let (restored, damaged) = original.restarted(
            rows,
            savedAt: SavedState.end,
            wall: SavedState.end
        )
        #expect(damaged.isEmpty)
        expectEqual(
            restored.report(at: SavedState.moment + later),
            original.report(at: SavedState.end + later),
            "\(later) s later"
        )
    }

    /// The windows are longer than history and gap together, so that no observation is too old.
    @Test(arguments: [0.5, 20, 60, 119.9])
    func `a gap of up to two minutes makes no observation older`(gap: Double) {
        var original = SavedState.ledger()
        original.window = .seconds(600)
        var scoring = Scoring.standard
        scoring.window = .seconds(600)
        let (restored, damaged) = original.restarted(
            original.rows(at: SavedState.end),
            savedAt: SavedState.end,
            wall: SavedState.end + gap
        )
        #expect(damaged.isEmpty)
        for later in [0.0, 20, 100] {
            expectEqual(
                restored.report(at: SavedState.moment + later, scoring),
                original.report(at: SavedState.end + later, scoring),
                "gap \(gap), \(later) s later",
                gap: gap
            )
        }
    }

    @Test(arguments: [121.0, 250, 1_000, 1e6])
    func `after a longer gap every observation is as old as it is by the clock`(gap: Double) {
        let original = SavedState.ledger()
        let (restored, damaged) = original.restarted(
            original.rows(at: SavedState.end),
            savedAt: SavedState.end,
            wall: SavedState.end + gap
        )
        #expect(damaged.isEmpty)
        expectEqual(
            restored.report(at: SavedState.moment),
            original.report(at: SavedState.end + gap),
            "gap \(gap)"
        )
    }

    @Test func `after a restart a pull with the same result is no change`() {
        let original = SavedState.ledger()
        var (restored, _) = original.restarted(
            original.rows(at: SavedState.end),
            savedAt: SavedState.end,
            wall: SavedState.end + 20
        )
        for (index, peer) in restored.peers where peer.label != "never-pulled" {
            var pull = Observation.failed(index, at: SavedState.moment + 1)
            if let sample = original[index]?.lastGood, original[index]?.state != .down {
                pull = .good(index, at: SavedState.moment + 1, .from(sample.sample.nodeID))
            }
            switch original[index]?.state {
            case .itself:
                pull = .good(
                    index,
                    at: SavedState.moment + 1,
                    .from("here", instance: "0000000a")
                )
            case .clone:
                pull = .good(index, at: SavedState.moment + 1, .from("here", instance: "b"))
            default: break
            }
            #expect(restored.record(pull).isEmpty, "\(peer.label)")
        }
    }

    @Test func `observations from the future and older than the window are dropped`() {
        let original = SavedState.ledger()
        let rows = original.rows(at: SavedState.end)
        // The wall clock was set back to 150 s after the first pull, so the rest is in the future.
        let (early, damaged) = original.restarted(rows, savedAt: SavedState.end, wall: 150)
        #expect(damaged.isEmpty)
        for peer in early.report(at: SavedState.moment).peers where peer.quality.samples > 0 {
            #expect(peer.quality.samples == 8, "\(peer.peer.label)")
            #expect(peer.ageSeconds ?? 0 >= 0 && peer.lastFailureAgeSeconds ?? 0 >= 0)
            #expect(peer.lastSeenWall ?? 0 <= epoch + 150)
        }
        // 100 s after the last save, pulls before 90 s are older than the window.
        let (late, _) = original.restarted(rows, savedAt: SavedState.end, wall: 390)
        for peer in late.report(at: SavedState.moment).peers where peer.quality.samples > 0 {
            #expect(peer.quality.samples == 10, "\(peer.peer.label)")
        }
        // A year later nothing is left in the windows.
        let (never, _) = original.restarted(rows, savedAt: SavedState.end, wall: 3e7)
        let report = never.report(at: SavedState.moment)
        #expect(report.peers.allSatisfy { $0.quality.samples == 0 && !$0.isLive })
    }

    @Test func `a peer with another label and the same URL keeps its history`() {
        let original = SavedState.ledger()
        var renamed = Ledger(identity: ourselves, window: .seconds(300))
        var peer = Peer.named("recovered")
        peer.label = "new name"
        _ = renamed.insert(peer)
        _ = renamed.insert(.named("unheard"))
        let clock = SavedTime(
            now: Instant(seconds: SavedState.moment),
            wall: epoch + SavedState.end,
            savedAt: epoch + SavedState.end
        )
        #expect(renamed.restore(original.rows(at: SavedState.end), by: clock).isEmpty)
        let report = renamed.report(at: SavedState.moment)
        let before = original.report(at: SavedState.end).peers
            .first {
                $0.peer.label == "recovered"
            }
        #expect(report.peers.map(\.peer.label) == ["new name", "unheard"])
        #expect(report.peers[0].quality.samples == 15)
        #expect(Self.agree(report.peers[0].quality.value, before?.quality.value))
        #expect(report.peers[1].state == .unknown && report.peers[1].quality.samples == 0)
    }

    @Test func `a row has at most 3,664 observations, whatever its bytes say`() throws {
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        let index = ledger.insert(.named("busy"))
        for number in 0..<5_000 {
            _ = ledger.record(.good(index, at: Double(number) / 20, .from("x")))
        }
        let rows = ledger.rows(at: 250)
        let url = try #require(rows.keys.first)
        let bytes = try #require(rows[url])
        #expect(RollingWindow.limit == 3_664)
        #expect(bytes.count < 3_664 * 100)
        let (restored, damaged) = ledger.restarted(rows, savedAt: 250, wall: 250)
        #expect(damaged.isEmpty)
        #expect(restored[index]?.window.count == 3_664)

        // A row that claims as many as its count can express, all in the window.
        var empty = Ledger(identity: ourselves, window: .seconds(300))
        _ = empty.insert(.named("busy"))
        var forged = ByteWriter()
        for byte in try #require(empty.rows(at: 250)[url]).dropLast(2) { forged.put(byte) }
        forged.put(UInt16.max)
        for number in 0..<65_535 {
            forged.put(epoch + Double(number) / 1_000)
            forged.put(0.1)
            forged.put(false)
        }
        let (bounded, fault) = ledger.restarted([url: forged.bytes], savedAt: 250, wall: 250)
        #expect(fault.isEmpty)
        #expect(bounded[index]?.window.count == 3_664)
    }
}
