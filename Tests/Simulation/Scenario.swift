import Federation

@testable import Timing

/// Which federation is simulated, and what befalls it.
struct Scenario {
    /// Who lies.
    enum Lying: Equatable {
        /// One node of ten, in every way there is.
        case some
        case nobody
        /// The last node alone: it says this G*, and the rest of it is true.
        case last(gStar: Double)
    }

    var nodes: Int
    /// How long the troubles are planned for, in seconds.
    var seconds: Double
    var seed: UInt64
    var fault: Fault?
    var lying = Lying.some
    /// Whether clocks are set; without it the same troubles come and the clocks stay.
    var setsClocks = true

    init(_ options: Options) {
        nodes = options.nodes
        seconds = options.days * 86_400
        seed = options.seed
        fault = options.fault
    }

    /// The most peers that a node pulls; a node of a larger federation pulls those after it.
    static let mostPeers = 32

    static let interval = Duration.seconds(30)
    static let timeout = Duration.milliseconds(2_500)
    static let window = Duration.seconds(300)
    /// Between two ticks of a governor, and between two looks at all nodes.
    static let tick = Duration.seconds(15)
    /// The most pulls that a window can hold: they start half an interval apart at least.
    static let windowLimit = Int((window + timeout).inSeconds / (interval / 2).inSeconds) + 1

    /// As the service judges without settings, but for the fault.
    var scoring: Scoring {
        Scoring(
            weights: .standard,
            latencyCapSeconds: 2,
            freshnessTauSeconds: 300,
            maxAge: fault == .live ? .seconds(86_400) : Self.maxAge,
            window: Self.window,
            interval: Self.interval,
            minPeerQuality: nil,
            minGoodPeers: 1
        )
    }

    static let maxAge = Duration.seconds(90)

    /// Whether the node lies.
    func isLiar(_ node: Int) -> Bool {
        switch lying {
        case .some: node % 10 == nodes % 10 - 1 || node == nodes - 1
        case .nobody: false
        case .last: node == nodes - 1
        }
    }

    /// Whom the node pulls.
    ///
    /// The first node has one peer, so that a single one is always in the run; each seventh has
    /// itself among its peers.
    func peers(of node: Int) -> [Int] {
        let others = (1..<nodes).prefix(node == 0 ? 1 : Self.mostPeers).map { (node + $0) % nodes }
        return node % 7 == 3 ? others + [node] : others
    }

    /// How many pulls the node may have under way: some have few places.
    func maxInFlight(of node: Int) -> Int {
        node % 4 == 2 ? 3 : 256
    }

    /// Whether the node takes its numbers from a source that is not its own governor.
    func hasSource(_ node: Int) -> Bool {
        node % 3 == 1
    }
}
