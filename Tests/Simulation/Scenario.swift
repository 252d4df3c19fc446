import Federation
import Timing

/// The simulated federation and its disruptions.
struct Scenario {
    /// The lying nodes.
    enum Lying: Equatable {
        /// One node in ten, with every kind of lie.
        case some
        case noNode
        /// Only the last node, which claims this G* and is otherwise honest.
        case last(gStar: Double)
    }

    var nodes: Int
    /// The period of the disruptions, in seconds.
    var seconds: Double
    var seed: UInt64
    var fault: Fault?
    var lying = Lying.some
    /// Whether the disruptions set clocks; if not, the other disruptions are the same.
    var setsClocks = true

    init(_ options: Options) {
        nodes = options.nodes
        seconds = options.days * 86_400
        seed = options.seed
        fault = options.fault
    }

    /// The most peers of a node; in a larger federation it pulls the nodes after it.
    static let mostPeers = 32

    static let interval = Duration.seconds(30)
    static let timeout = Duration.milliseconds(2_500)
    static let window = Duration.seconds(300)
    /// The time between two ticks, and between two checks of all nodes.
    static let tick = Duration.seconds(15)
    /// The most pulls in a window: they start at least half an interval apart.
    static let windowLimit = Int((window + timeout).inSeconds / (interval / 2).inSeconds) + 1

    /// The default scoring of the service, except for the fault.
    var scoring: Scoring {
        Scoring(
            weights: .standard,
            latencyCapSeconds: 2,
            freshnessTauSeconds: 300,
            maxAge: fault == .live ? .seconds(86_400) : Self.maxAge,
            window: Self.window,
            minPeerQuality: nil,
            minGoodPeers: 1
        )
    }

    static let maxAge = Duration.seconds(90)
    /// The default of the service.
    static let staleAfter = Duration.seconds(300)

    /// Whether the node lies.
    func isLiar(_ node: Int) -> Bool {
        switch lying {
        case .some: node % 10 == nodes % 10 - 1 || node == nodes - 1
        case .noNode: false
        case .last: node == nodes - 1
        }
    }

    /// The peers of the node.
    ///
    /// The first node has one peer, so that every run contains this case. Each seventh node has
    /// itself as a peer.
    func peers(of node: Int) -> [Int] {
        let others = (1..<nodes).prefix(node == 0 ? 1 : Self.mostPeers).map { (node + $0) % nodes }
        return node % 7 == 3 ? others + [node] : others
    }

    /// The limit of concurrent pulls; some nodes have a low one.
    func maxInFlight(of node: Int) -> Int {
        node % 4 == 2 ? 3 : 256
    }

    /// Whether the node takes its numbers from a source other than its governor.
    func hasSource(_ node: Int) -> Bool {
        node % 3 == 1
    }
}
