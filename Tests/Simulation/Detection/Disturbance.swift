import Federation
import TestSupport
import Timing

/// What disturbs the pulls of an observer while detection is measured.
enum Disturbance: String, CaseIterable {
    case none
    case loss1 = "loss of 1 %"
    case loss5 = "loss of 5 %"
    case loss20 = "loss of 20 %"
    case pauses
    case shortOutages = "short outages"
    case longOutages = "long outages"

    /// The probability that a packet is lost.
    var loss: Double {
        switch self {
        case .loss1: 0.01
        case .loss5: 0.05
        case .loss20: 0.2
        default: 0
        }
    }

    /// How many pauses or outages a day, and their shortest and longest in seconds.
    var troubles: (perDay: Double, shortest: Double, longest: Double)? {
        switch self {
        case .none, .loss1, .loss5, .loss20: nil
        case .pauses: (12, 0.1, 120)
        case .shortOutages: (12, 2, 20)
        case .longOutages: (4, 90, 900)
        }
    }

    /// Which part of the node-years suffices: less if there are many false downs.
    var share: Double {
        switch self {
        case .loss1, .loss5: 1
        case .pauses, .longOutages: 0.5
        case .none, .shortOutages: 0.25
        case .loss20: 0.1
        }
    }

    /// How often and how it comes, as a phrase.
    var phrase: String {
        switch self {
        case .none: "no packet is lost"
        case .loss1, .loss5, .loss20: "each packet is lost with this probability"
        case .pauses:
            "12 a day of each node: half of 0.1 to 120 s, half of 3 to 40 s when a pull has started"
        case .shortOutages: "12 a day of the node's own network, of 2 to 20 s"
        case .longOutages: "4 a day of the node's own network, of 90 to 900 s"
        }
    }
}

/// A time in which the network of an observer carries nothing.
struct Outage {
    var span: Range<Instant>
    /// Whether new connections time out instead of failing at once.
    var isSilent: Bool
}

/// A time in which the process of an observer is paused.
struct Pause {
    var start: Instant
    var length: Duration
    /// Whether it begins as soon as the next pull has started.
    var atNextPull: Bool
}

/// The pauses and outages of one observer, in order and without overlaps.
struct Troubles {
    private(set) var pauses: [Pause] = []
    private(set) var outages: [Outage] = []

    /// Draws those of a disturbance up to `end`.
    init(
        _ disturbance: Disturbance,
        until end: Instant,
        using generator: inout SeededGenerator
    ) {
        guard let (perDay, shortest, longest) = disturbance.troubles else { return }
        let mean = 86_400 / perDay
        var at = Instant(seconds: 600 + Double.random(in: 0..<mean, using: &generator))
        while at < end {
            defer {
                at = at + .seconds(mean * Double.random(in: 0.5..<1.5, using: &generator))
            }
            let isOdd = Bool.random(using: &generator)
            let length = Double.random(in: shortest..<longest, using: &generator)
            if disturbance == .pauses {
                let aimed = Double.random(in: 3..<40, using: &generator)
                pauses.append(
                    Pause(start: at, length: .seconds(isOdd ? aimed : length), atNextPull: isOdd)
                )
            } else {
                outages.append(Outage(span: at..<at + .seconds(length), isSilent: isOdd))
            }
        }
    }
}
