import NodeClient
import Testing

/// Each fault alone, and each pair of faults on different nodes, with five nodes.
@Suite struct FaultPairTests {
    typealias Federation = SyntheticFederation
    typealias Fault = SyntheticFederation.Fault

    /// The faults of two nodes, the second of which is the partner in a fault of a pair.
    static func faults(_ node: Int, _ partner: Int) -> [Fault] {
        [
            .stopped(node), .hung(node), .isolated(node), .blind(node), .cut(node, partner),
            .missing(node, partner), .extra(node), .clockAhead(node), .otherVersion(node),
            .sameID(node, partner), .justStarted(node),
        ]
    }

    /// The expected verdicts of a fault, with the command at a place.
    private static func expected(_ fault: Fault, _ place: Federation.Place) -> Set<String> {
        func name(_ node: Int) -> String { "n\(node + 1)" }
        return switch fault {
        case .stopped(let node), .hung(let node): ["peer_down \(name(node))"]
        // No node reaches it, so from the machine of another node it looks like a stopped one.
        case .isolated(let node):
            place == .outside ? ["observer \(name(node))"] : ["peer_down \(name(node))"]
        case .blind(let node): ["observer \(name(node))"]
        case .cut(let from, let to): ["link \(name(from)) \(name(to))"]
        case .missing(let node, let peer): ["lists_differ \(name(node)) \(name(peer))"]
        case .extra(let node): ["lists_differ \(name(node)) n6"]
        case .clockAhead(let node): ["clock \(name(node))"]
        case .otherVersion(let node): ["versions_differ \(name(node))"]
        case .sameID(let one, let other):
            ["identity \(name(min(one, other))) \(name(max(one, other)))"]
        case .justStarted: []
        }
    }

    private static let alone = faults(1, 2) + faults(3, 0)
    private static let pairs = faults(1, 2)
        .flatMap { one in
            faults(3, 4).map { [one, $0] }
        }
    static let cases: [[Fault]] = [[]] + alone.map { [$0] } + pairs

    @Test(arguments: cases, Federation.Place.allCases)
    func `faults are named correctly, alone and two at a time`(
        faults: [Fault],
        place: Federation.Place
    ) {
        for (hasOwnNames, listsItself) in [(false, false), (true, false), (true, true)] {
            let federation = Federation(
                place: place,
                faults: Set(faults),
                hasOwnNames: hasOwnNames,
                listsItself: listsItself
            )
            var expected = faults.reduce(into: Set<String>()) { names, fault in
                names.formUnion(Self.expected(fault, place))
            }
            // If two nodes have another version, the verdict has no single subject.
            if faults == [.otherVersion(1), .otherVersion(3)] { expected = ["versions_differ"] }
            let texts = federation.verdicts.map(\.text)
            #expect(federation.found == expected, "\(texts)")
            #expect(federation.verdicts.count == expected.count, "\(texts)")
        }
    }

    @Test(arguments: faults(2, 3), faults(0, 4))
    func `a command that runs at an isolated node reports only that node`(
        other: Fault,
        own: Fault
    ) {
        var federation = Federation(place: .firstNode, faults: [.isolated(0), other])
        switch own {
        case .stopped, .hung, .justStarted: return
        default: federation.faults.insert(own)
        }
        let reachability = federation.verdicts
            .filter { [.peerDown, .observer, .link].contains($0.kind) }
        #expect(reachability.map(\.subject) == ["node-n1"] && reachability.first?.kind == .observer)
        #expect(reachability.first?.text.contains("sees 0 of") == true)
    }

    /// Pairs of faults that share a node, and their expected verdicts.
    static let onOneNode: [(faults: Set<Fault>, expected: Set<String>)] = [
        ([.stopped(1), .clockAhead(1)], ["peer_down n2"]),
        ([.stopped(2), .missing(1, 2)], ["peer_down n3", "lists_differ n2 n3"]),
        ([.cut(0, 2), .cut(2, 0)], ["link n1 n3", "link n3 n1"]),
        ([.cut(0, 2), .cut(1, 2)], ["link n1 n3", "link n2 n3"]),
        ([.cut(1, 2), .cut(1, 3)], ["link n2 n3", "link n2 n4"]),
        ([.cut(1, 2), .missing(3, 2)], ["link n2 n3", "lists_differ n4 n3"]),
        ([.isolated(4), .missing(1, 4)], ["observer n5", "lists_differ n2 n5"]),
        ([.isolated(4), .clockAhead(4)], ["observer n5", "clock n5"]),
        // A tie about a peer that runs: its absence is the deviation.
        ([.missing(1, 2), .missing(3, 2)], ["lists_differ n2 n3", "lists_differ n4 n3"]),
        ([.extra(0)], ["lists_differ n1 n6"]),
        ([.cut(1, 0), .missing(2, 0)], ["link n2 n1", "lists_differ n3 n1"]),
    ]

    @Test(arguments: onOneNode.indices)
    func `two faults that concern one node`(index: Int) {
        let (faults, expected) = Self.onOneNode[index]
        let federation = Federation(faults: faults)
        #expect(federation.found == expected, "\(federation.verdicts.map(\.text))")
    }
}
