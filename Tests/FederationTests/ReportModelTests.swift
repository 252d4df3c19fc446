import Federation
import Foundation
import TestSupport
import Testing

/// Compares ledger and report with a slow model that keeps every observation and recomputes all.
@Suite struct ReportModelTests {
    /// The model: all observations of each peer, by label.
    struct Model {
        var pulls: [String: [Observation]] = [:]
        /// When the last pull before a peer was configured ended, and the position of the peer.
        var configured: [String: (after: Double, rank: Int)] = [:]

        /// The good pulls of one peer that another process answered.
        func good(_ label: String) -> [(pull: Observation, summary: Summary)] {
            (pulls[label] ?? [])
                .compactMap { pull in
                    guard case .success(let summary) = pull.outcome, !isOurs(summary) else {
                        return nil
                    }
                    return (pull, summary)
                }
        }

        func isOurs(_ summary: Summary) -> Bool {
            summary.nodeID == "here" && summary.instance == "0000000a"
        }

        /// The latest answer of one peer, including one from this process.
        func answers(_ label: String) -> [(at: Double, summary: Summary)] {
            (pulls[label] ?? [])
                .compactMap { pull in
                    guard case .success(let summary) = pull.outcome else { return nil }
                    return (pull.wall - epoch, summary)
                }
        }

        func isLive(_ label: String, at now: Double) -> Bool {
            guard let last = answers(label).last else { return false }
            return last.summary.nodeID != "here" && now - last.at <= 90 && !isStale(label)
        }

        /// Whether the latest answers had one `ts` for the time after which numbers are stale.
        func isStale(_ label: String) -> Bool {
            let answers = answers(label)
            guard let last = answers.last, last.summary.nodeID != "here" else { return false }
            let same = answers.reversed()
                .prefix {
                    $0.summary.nodeID == last.summary.nodeID && $0.summary.ts == last.summary.ts
                }
            return last.at - (same.last?.at ?? last.at) >= 40
        }

        /// Since when a peer has answered with its latest id, and its position.
        ///
        /// If the very first pull brought the id, it counts from the configuration of the peer.
        func claim(_ label: String) -> (since: Double, rank: Int) {
            var held = answers(label)[...]
            while held.count > 1,
                held[held.endIndex - 2].summary.nodeID == held[held.endIndex - 1].summary.nodeID
            {
                held.removeLast()
            }
            let first = pulls[label]?.first.map { $0.wall - epoch }
            let since = held.last?.at ?? .infinity
            let (after, rank) = configured[label] ?? (.infinity, .max)
            return (since == first ? after : since, rank)
        }

        /// The live peer that counts for each node id.
        func holders(at now: Double) -> [String: String] {
            var holders: [String: String] = [:]
            for label in pulls.keys where isLive(label, at: now) {
                guard let nodeID = answers(label).last?.summary.nodeID else { continue }
                if holders[nodeID].map({ claim(label) < claim($0) }) ?? true {
                    holders[nodeID] = label
                }
            }
            return holders
        }

        func identity(_ label: String, at now: Double) -> IdentityState {
            let answers = answers(label)
            guard let last = answers.last else { return .unknown }
            let changes = zip(answers, answers.dropFirst())
                .count {
                    $0.summary.nodeID != $1.summary.nodeID && $1.at >= now - 300
                }
            if changes >= 3 { return .changing }
            if isOurs(last.summary) { return .itself }
            if last.summary.nodeID == "here" { return .clone }
            let isHeldByAnother = pulls.keys.contains { other in
                self.answers(other).last
                    .map {
                        $0.summary.nodeID == last.summary.nodeID && $0.at >= now - 300
                            && claim(other) < claim(label)
                    } ?? false
            }
            return isHeldByAnother && last.at >= now - 300 ? .duplicate : .ok
        }

        func quality(_ label: String, at now: Double) -> Double {
            let good = good(label).filter { $0.pull.wall - epoch >= now - 300 }
            let bad = (pulls[label] ?? [])
                .count { pull in
                    guard case .failure = pull.outcome else { return false }
                    return pull.wall - epoch >= now - 300
                }
            let total = Double(good.count + bad)
            let success = total == 0 ? 0 : Double(good.count) / total
            let durations = good.map(\.pull.timings.total).sorted()
            let rank = Int((0.95 * Double(durations.count)).rounded(.up))
            let latency = rank == 0 ? 0 : max(0, 1 - durations[rank - 1] / 2)
            let fresh = self.good(label).last.map { exp(-(now - ($0.pull.wall - epoch)) / 300) }
            return 0.5 * success + 0.3 * latency + 0.2 * (fresh ?? 0)
        }
    }

    @Test(arguments: 1...12)
    func `a report equals one computed from the raw observations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = Ledger(identity: ourselves, window: .seconds(300))
        ledger.staleAfter = .seconds(40)
        var stale = 0
        var model = Model()
        var indices: [String: Peer.Index] = [:]
        var last = -Double.infinity
        // Whole seconds, so that both sides compute the same ages.
        for second in 0..<1_500 {
            let label = "p\(Int.random(in: 0..<8, using: &generator))"
            if let index = indices[label], Int.random(in: 0..<100, using: &generator) == 0 {
                ledger.remove(index)
                indices[label] = nil
                model.pulls[label] = nil
                continue
            }
            let index = indices[label] ?? ledger.insert(.named(label))
            if indices[label] == nil { model.configured[label] = (last, index) }
            indices[label] = index
            last = Double(second)
            let pull = randomPull(of: index, at: Double(second), using: &generator)
            _ = ledger.record(pull)
            model.pulls[label, default: []].append(pull)
            if second % 25 == 0 {
                let now = Double(second) + Double(Int.random(in: 0...150, using: &generator))
                expect(ledger.report(at: now), toBe: model, at: now, seed: seed)
                stale += ledger.report(at: now).peers.count { $0.isStale }
            }
        }
        #expect(stale > 10, "seed \(seed)")
    }

    private func expect(_ report: Report, toBe model: Model, at now: Double, seed: UInt64) {
        #expect(report.peers.map(\.peer.label) == model.pulls.keys.sorted(), "seed \(seed)")
        for peer in report.peers {
            let label = peer.peer.label
            let comment: Comment = "seed \(seed), \(label) at \(now)"
            #expect(agree(peer.quality.value, model.quality(label, at: now)), comment)
            let identity = model.identity(label, at: now)
            #expect(
                peer.identity == (identity == .duplicate && peer.isCounted ? .ok : identity),
                comment
            )
            #expect(peer.isLive == model.isLive(label, at: now), comment)
            #expect(peer.isStale == (peer.state == .up && model.isStale(label)), comment)
            #expect(peer.lastSeenWall == model.good(label).last?.pull.wall, comment)
            #expect(peer.quality.samples <= 301, comment)
        }
        let holders = model.holders(at: now)
        let gStars = holders.values.compactMap { model.answers($0).last?.summary.metrics.gStar }
        #expect(report.peerGStars.sorted() == gStars.sorted(), "seed \(seed), \(now)")
        #expect(report.liveCount == gStars.count, "seed \(seed), \(now)")
        let counted = report.peers.filter(\.isCounted).map(\.peer.label)
        #expect(counted == holders.values.sorted(), "seed \(seed), \(now)")
        #expect(holders["here"] == nil)
        #expect((0...1).contains(report.novelty), "seed \(seed), \(now)")
    }

    /// A failed pull, or an answer of one of a few nodes, of ourselves or of a clone.
    private func randomPull(
        of index: Peer.Index,
        at second: Double,
        using generator: inout SeededGenerator
    ) -> Observation {
        let took = Double.random(in: 0...3, using: &generator)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<6: return .failed(index, at: second, took: took)
        case 6:
            let instance = Bool.random(using: &generator) ? "0000000a" : nil
            return .good(index, at: second, .from("here", instance: instance), took: took)
        case 7: return .good(index, at: second, .from("here", instance: "b"), took: took)
        case 8, 9:
            let gStar = Double.random(in: 0...1, using: &generator)
            return .good(index, at: second, .from("shared", gStar: gStar), took: took)
        default:
            let gStar = Double.random(in: 0...1, using: &generator)
            // Nine of ten answers have the same `ts`.
            let ts = Int.random(in: 0..<10, using: &generator) == 0 ? second : 0
            let summary = Summary.from("node \(index)", gStar: gStar, ts: epoch + ts)
            return .good(index, at: second, summary, took: took)
        }
    }
}
