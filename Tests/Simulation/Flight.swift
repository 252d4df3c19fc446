import Federation
import PeerSync
import TestSupport
import Timing

/// One pull in the network.
struct Flight {
    var puller: Int
    /// The run of the puller that started it; pulls of a dead process are dropped.
    var life: Int
    var index: Peer.Index
    var target: Int
    var started: Instant
    /// The delay of the answer on its way back.
    var back: Duration
    /// The result and its time, independent of what the puller does meanwhile.
    var result: FinishedPull.Result = .failed(Failure(.timedOut, stage: .firstByte))
    var ends: Instant

    var deadline: Instant { started + Scenario.timeout }

    /// Whether the peer did not answer by the deadline.
    var timedOut: Bool {
        if case .failed(let failure) = result { failure.reason == .timedOut } else { false }
    }
}

/// The network's effect on a pull, drawn at its start; each pull uses the same number of draws.
struct Passage {
    enum Fate {
        case arrives
        case lost
        case reset
    }

    var fate: Fate
    var out: Duration
    var back: Duration

    /// Of a thousand pulls, how many get no answer, and how many a reset.
    private static let lost = 3.0
    private static let reset = 2.0

    /// Draws the passage between two nodes, which are near each other or far apart.
    init(from puller: Int, to target: Int, using generator: inout SeededGenerator) {
        let distance = 0.001 + Double((puller * 31 + target * 17) % 97) / 97 * 0.15
        let roll = Double.random(in: 0..<1_000, using: &generator)
        fate = roll < Self.lost ? .lost : roll < Self.lost + Self.reset ? .reset : .arrives
        out = Self.delay(distance, using: &generator)
        back = Self.delay(distance, using: &generator)
    }

    /// Usually about `distance` seconds; one in fifty has one or two retransmissions.
    private static func delay(
        _ distance: Double,
        using generator: inout SeededGenerator
    ) -> Duration {
        let jitter = Double.random(in: 0.5..<1.5, using: &generator)
        let luck = Double.random(in: 0..<1, using: &generator)
        let seconds = distance * jitter + (luck < 0.02 ? 0.2 + luck * 60 : 0)
        return .nanoseconds(Int64(seconds * 1e9))
    }
}
