import Federation
import PeerSync
import TestSupport

@testable import Timing

/// One pull on its way through the network.
struct Flight {
    var puller: Int
    /// Which life of the puller started it; what a dead process started is nobody's.
    var life: Int
    var index: Peer.Index
    var target: Int
    var started: Instant
    /// How long the answer takes on its way back.
    var back: Duration
    /// What the network brings, and when, whatever the puller does meanwhile.
    var result: Ended.Result = .failed(Failure(.timedOut, stage: .firstByte))
    var ends: Instant

    var deadline: Instant { started + Scenario.timeout }

    /// Whether the peer failed to answer by the deadline.
    var timedOut: Bool {
        if case .failed(let failure) = result { failure.reason == .timedOut } else { false }
    }
}

/// What the network does to a pull, drawn as it starts: each pull takes the same number of draws.
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

    /// Draws the passage between two nodes, which are near each other or far.
    init(from puller: Int, to target: Int, using generator: inout SeededGenerator) {
        let distance = 0.001 + Double((puller * 31 + target * 17) % 97) / 97 * 0.15
        let roll = Double.random(in: 0..<1_000, using: &generator)
        fate = roll < Self.lost ? .lost : roll < Self.lost + Self.reset ? .reset : .arrives
        out = Self.delay(distance, using: &generator)
        back = Self.delay(distance, using: &generator)
    }

    /// Usually about `distance` in seconds; once in fifty times a retransmission or two later.
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
