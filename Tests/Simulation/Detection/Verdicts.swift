import Federation
import Timing

/// What each rule says about the peers of one observer.
struct Verdicts {
    /// The false downs by rule, in the order of `DownRule.all`.
    private(set) var falseDowns = Array(repeating: 0, count: DownRule.all.count)
    /// The seconds from a death to `down` by rule; infinite if it was not down by the restart.
    private(set) var detections: [[Double]]
    /// Since when a peer is down, by rule and peer, without phi.
    private var downs: [[Instant?]]
    private var heartbeats: [Heartbeats]
    private var isReborn: [Bool]

    private static let deviations = DownRule.phis.map(Heartbeats.deviations(ofPhi:))

    init(peers: Int) {
        let rules = DownRule.naiveAndService.count
        downs = Array(repeating: Array(repeating: nil, count: peers), count: rules)
        heartbeats = Array(repeating: Heartbeats(), count: peers)
        isReborn = Array(repeating: false, count: peers)
        detections = Array(repeating: [], count: DownRule.all.count)
    }

    /// A rule (by its place in `naiveAndService`) decides about a peer.
    mutating func set(_ rule: Int, _ peer: Peer.Index, isDown: Bool, at now: Instant) {
        guard isDown != (downs[rule][peer] != nil) else { return }
        downs[rule][peer] = isDown ? now : nil
        if isDown { falseDowns[rule] += 1 }
    }

    /// A good pull of a peer ended.
    mutating func beat(_ peer: Peer.Index, at now: Instant) {
        let seconds = now.seconds(since: Instant(nanoseconds: 0))
        let isFirst = isReborn[peer]
        isReborn[peer] = false
        guard let lateness = heartbeats[peer].beat(at: seconds, isFirst: isFirst),
            lateness > Self.deviations[0]
        else { return }
        for (place, most) in Self.deviations.enumerated() where lateness > most {
            falseDowns[DownRule.naiveAndService.count + place] += 1
        }
    }

    /// A peer restarts after a death.
    mutating func restart(_ peer: Peer.Index, after death: Death) {
        let died = death.span.lowerBound
        for rule in DownRule.naiveAndService.indices {
            let seconds = downs[rule][peer].map { max(0, $0.seconds(since: died)) }
            detections[rule].append(seconds ?? .infinity)
        }
        let start = died.seconds(since: Instant(nanoseconds: 0))
        for (place, most) in Self.deviations.enumerated() {
            let seconds = heartbeats[peer].exceeded(most).map { max(0, $0 - start) }
            detections[DownRule.naiveAndService.count + place].append(seconds ?? .infinity)
        }
        isReborn[peer] = true
    }
}
