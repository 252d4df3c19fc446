import Federation
import Testing
import Timing

@testable import NodeClient

/// Texts and fields of verdicts, and federations of unusual sizes.
@Suite struct VerdictTests {
    typealias Federation = SyntheticFederation
    typealias Fault = SyntheticFederation.Fault

    static let texts: [(faults: Set<Fault>, place: Federation.Place, text: String)] = [
        (
            [.stopped(2)], .outside,
            "n3 is down: 4 of 4 observers, connect_refused since 10:56 UTC, and it does not "
                + "respond to this command"
        ),
        ([.cut(0, 2)], .outside, "n1 cannot reach n3: timed_out since 10:56 UTC; 3 others can"),
        ([.blind(4)], .outside, "n5 sees 0 of 4, and 4 of 4 see it"),
        ([.isolated(4)], .outside, "no node reaches n5, and n5 reaches no node"),
        (
            [.isolated(0)], .firstNode,
            "node-n1 sees 0 of 4, and this command reaches none of them: node-n1 is cut off, or "
                + "all of them are down"
        ),
        ([.missing(3, 1)], .outside, "the list of n4 differs from 3 of 3 others: n2 is missing"),
        (
            [.extra(3)], .outside,
            "the list of n4 differs from 4 of 4 others: n6 (down, dns_failed) is extra"
        ),
        (
            [.missing(3, 0), .missing(3, 1), .missing(3, 2), .missing(3, 4)], .outside,
            "the list of n4 differs from 3 of 3 others: it has no peers"
        ),
        (
            [.otherVersion(2)], .outside,
            "the nodes run different versions: 1.0.0 on 4 nodes and 0.9.0 on n3"
        ),
        ([.clockAhead(1)], .outside, "the clock of n2 is ahead by 10.0 s"),
        ([.sameID(1, 3)], .outside, "n2 and n4 have one node id, node-n2"),
    ]

    @Test(arguments: texts.indices)
    func `a verdict is a sentence with the numbers of nodes`(index: Int) {
        let (faults, place, text) = Self.texts[index]
        let federation = Federation(place: place, faults: faults)
        #expect(federation.verdicts.map(\.text) == [text])
    }

    @Test func `a verdict has the fields of the contract`() throws {
        let down = try #require(Federation(faults: [.stopped(2)]).verdicts.first)
        #expect(down.kind == .peerDown && down.subject == "n3" && down.object == nil)
        #expect(down.observers == 4 && down.of == 4 && down.since == Federation.moment - 600)
        let link = try #require(Federation(faults: [.cut(0, 2)]).verdicts.first)
        #expect(link.kind == .link && link.subject == "n1" && link.object == "n3")
        #expect(link.observers == 1 && link.of == 4)
        let clock = try #require(Federation(faults: [.clockAhead(2)]).verdicts.first)
        #expect(clock.observers == 4 && clock.of == 5 && clock.since == nil)
    }

    /// Ties and lone observers.
    static let small:
        [(count: Int, faults: Set<Fault>, place: Federation.Place, expected: Set<String>)] = [
            (1, [], .firstNode, []),
            (2, [], .firstNode, []),
            (2, [.stopped(1)], .firstNode, ["peer_down n2"]),
            (2, [.hung(1)], .firstNode, ["peer_down n2"]),
            (2, [.isolated(1)], .firstNode, ["peer_down n2"]),
            (2, [.cut(0, 1)], .outside, ["link n1 n2"]),
            (2, [.cut(1, 0)], .outside, ["link n2 n1"]),
            (2, [.cut(0, 1)], .firstNode, ["peer_down n2"]),
            (2, [.clockAhead(1)], .outside, ["clock n2"]),
            (2, [.clockAhead(0)], .outside, ["clock n1"]),
            (1, [.clockAhead(0)], .outside, ["clock node-n1"]),
            (2, [.otherVersion(1)], .outside, ["versions_differ"]),
            (2, [.missing(1, 0)], .outside, ["lists_differ node-n1"]),
            (3, [.stopped(1)], .firstNode, ["peer_down n2"]),
            (3, [.stopped(1), .stopped(2)], .firstNode, ["peer_down n2", "peer_down n3"]),
            (3, [.hung(1), .hung(2)], .firstNode, ["peer_down n2", "peer_down n3"]),
            (3, [.cut(0, 2)], .firstNode, ["link n1 n3"]),
            (3, [.cut(1, 2)], .firstNode, ["link n2 n3"]),
            (3, [.cut(0, 2)], .outside, ["link n1 n3"]),
            (3, [.isolated(0)], .firstNode, ["observer node-n1"]),
            (3, [.isolated(2)], .firstNode, ["peer_down n3"]),
            (3, [.isolated(2)], .outside, ["observer n3"]),
            (3, [.stopped(1), .cut(0, 2)], .outside, ["peer_down n2", "link n1 n3"]),
            (3, [.missing(1, 2)], .outside, ["lists_differ n2 n3"]),
            (3, [.missing(1, 2), .stopped(2)], .outside, ["lists_differ n2 n3", "peer_down n3"]),
            (4, [.cut(1, 3), .clockAhead(2)], .outside, ["link n2 n4", "clock n3"]),
        ]

    @Test(arguments: small.indices)
    func `small federations are judged by the same rules`(index: Int) {
        let (count, faults, place, expected) = Self.small[index]
        let federation = Federation(count: count, place: place, faults: faults)
        #expect(federation.found == expected, "\(federation.verdicts.map(\.text))")
    }

    @Test func `a node that most see but that does not respond is a verdict of its own`() throws {
        var nodes = Federation().nodes
        for (cause, part) in [
            (QueryFailure.Cause.noResponse, "does not respond to this command"),
            (.status(503), "returned status 503 to this command"),
        ] {
            nodes[2].result = .failure(QueryFailure(cause, text: ""))
            let verdict = try #require(Survey(nodes, at: Federation.moment).verdicts.first)
            #expect(verdict.kind == .observer && verdict.subject == "n3")
            #expect(verdict.text == "n3 \(part); 4 of 4 nodes see it")
        }
        nodes[2].result = .failure(QueryFailure(.otherProgram, text: ""))
        #expect(Survey(nodes, at: Federation.moment).verdicts.isEmpty)
    }

    @Test func `a federation that has just started has no verdict`() {
        let federation = Federation(faults: Set((0..<5).map { .justStarted($0) }))
        #expect(federation.verdicts.isEmpty)
    }

    @Test(arguments: [false, true])
    func `the first node is recognized at an address that no list has`(hasOwnNames: Bool) {
        for fault in [
            Fault.isolated(0), .cut(1, 0), .missing(2, 0), .justStarted(0), .justStarted(1),
            .blind(0),
            .sameID(0, 2),
        ] {
            let federation = Federation(
                faults: [fault],
                hasOwnNames: hasOwnNames,
                firstURL: "http://127.0.0.1:8100"
            )
            let survey = Survey(federation.nodes, at: Federation.moment)
            #expect(survey.name(of: 0) == "n1")
            let subjects = survey.verdicts.map { [$0.subject, $0.object] }
            let expected: [[String?]] =
                switch fault {
                case .isolated, .blind: [["n1", nil]]
                case .cut: [["n2", "n1"]]
                case .missing: [["n3", "n1"]]
                case .sameID: [["n1", "n3"]]
                default: []
                }
            #expect(subjects == expected, "\(survey.verdicts.map(\.text))")
        }
    }

    @Test func `a list of many strangers is one short verdict`() throws {
        var nodes = SyntheticFederation().nodes
        var view = try #require(nodes[2].view)
        for number in 0..<20_000 {
            view.sightings.append(
                Sighting(label: "x\(number)", url: "http://x\(number):80", state: .up, nodeID: nil)
            )
        }
        nodes[2].result = .success(view)
        let verdicts = Survey(nodes, at: Federation.moment).verdicts
        #expect(
            verdicts.map(\.text) == [
                """
                the list of n3 differs from 4 of 4 others: x0, x1, x2 and 19997 more are extra
                """
            ]
        )
    }

    @Test func `a first node that no other has ever reached is still recognized`() {
        var nodes = Federation(firstURL: "http://127.0.0.1:8100").nodes
        for index in nodes.indices.dropFirst() {
            guard var view = nodes[index].view else { continue }
            for place in view.sightings.indices where view.sightings[place].label == "n1" {
                view.sightings[place].state = .down
                view.sightings[place].nodeID = nil
                view.sightings[place].identity = .unknown
                view.sightings[place].reason = "connect_failed"
            }
            nodes[index].result = .success(view)
        }
        let verdicts = Survey(nodes, at: Federation.moment).verdicts
        #expect(verdicts.map(\.kind) == [.peerDown] && verdicts.first?.subject == "n1")
        #expect(verdicts.first?.text.hasSuffix("but it responds to this command") == true)
    }

    @Test func `another URL of the first node is not another node`() {
        var nodes = Federation(listsItself: true, firstURL: "http://127.0.0.1:8100").nodes
        nodes.append(SurveyedNode(url: Federation.url(0), result: nodes[0].result))
        let survey = Survey(nodes, at: Federation.moment)
        #expect(survey.nodes.count == 5 && survey.verdicts.isEmpty)
    }

    @Test func `a node that changes its id is reported, and so is one process under two names`()
        throws
    {
        var federation = Federation(count: 3)
        var nodes = federation.nodes
        var view = try #require(nodes[0].view)
        view.sightings[0].identity = .changing
        nodes[0].result = .success(view)
        let changing = Survey(nodes, at: Federation.moment).verdicts
        #expect(
            changing.map(\.text) == ["1 of 2 nodes report the identity of n2 as changing"]
        )
        federation.faults = [.sameID(1, 2)]
        nodes = federation.nodes
        nodes[2].result = nodes[1].result
        let same = Survey(nodes, at: Federation.moment).verdicts.filter { $0.kind == .identity }
        #expect(same.map(\.text) == ["n2 and n3 are one process, node id node-n2"])
    }

    @Test func `the round trip is no difference of clocks`() throws {
        let ahead = [(0.0, 0.0), (9.0, 4.5), (11.0, 4.5), (-6, 0.1), (0.2, 0.1)]
        var nodes = Federation().nodes
        for (index, (seconds, uncertainty)) in ahead.enumerated() {
            var view = try #require(nodes[index].view)
            view.clock = ClockReading(ahead: seconds, uncertainty: uncertainty)
            nodes[index].result = .success(view)
        }
        let texts = Survey(nodes, at: Federation.moment).verdicts.map(\.text)
        #expect(
            texts == ["the clock of n3 is ahead by 10.8 s", "the clock of n4 is behind by 6.2 s"]
        )
    }

    @Test func `two groups of nodes that do not reach each other are all named`() {
        let left = [0, 1]
        let right = [2, 3, 4]
        var faults: Set<Fault> = []
        for one in left {
            for other in right { faults.formUnion([.cut(one, other), .cut(other, one)]) }
        }
        #expect(Federation(faults: faults).found == ["observer n1", "observer n2"])
        #expect(
            Federation(place: .firstNode, faults: faults).found
                == ["peer_down n3", "peer_down n4", "peer_down n5"]
        )
    }

    @Test(arguments: [
        (0.0, "1970-01-01 00:00 UTC"), (951_782_399, "2000-02-28 23:59 UTC"),
        (951_868_800, "2000-03-01 00:00 UTC"), (1_709_164_800, "2024-02-29 00:00 UTC"),
        (1_795_000_000, "2026-11-18 11:06 UTC"), (253_402_300_799, "9999-12-31 23:59 UTC"),
    ])
    func `a time of another day has its date`(seconds: Double, text: String) {
        #expect(UTCTime(unix: seconds)?.text(at: nil) == text)
        #expect(
            UTCTime(unix: seconds)?.text(at: UTCTime(unix: seconds)) == String(text.dropFirst(11))
        )
    }

    @Test(arguments: [-1.0, 253_402_300_800, .infinity, .nan])
    func `a time outside the calendar is not shown`(seconds: Double) {
        #expect(UTCTime(unix: seconds) == nil)
    }
}
