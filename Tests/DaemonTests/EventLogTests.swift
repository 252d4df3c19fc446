import Federation
import StateStore
import TestSupport
import Testing

@testable import Daemon

/// The events that a node keeps until they are saved, by a simulated clock.
struct EventLogTests {
    /// A log, its clock, and a file that is saved every 30 s, as `StateKeeper` does.
    private final class Scenario {
        let clock = LocalNodeTests.Clock()
        let log: EventLog
        let isSaved: Bool
        /// The rows of the file by id.
        var file: [Int64: EventRow] = [:]
        var mostUnsaved = 0
        private var sinceSave = 0.0

        init(isSaved: Bool) {
            self.isSaved = isSaved
            log = EventLog(after: 0, isSaved ? .beforeSave : .memoryOnly, time: clock)
        }

        /// Advances the clock; nodes settle peers at each tick, every 15 s.
        func wait(_ seconds: Double) {
            clock.advance(seconds)
            sinceSave += seconds
            guard sinceSave >= 15 else { return }
            sinceSave = 0
            save()
        }

        func save() {
            _ = log.settle()
            let unsaved = log.unsaved
            mostUnsaved = max(mostUnsaved, unsaved.rows.count)
            guard isSaved else { return }
            for row in unsaved.rows { file[row.id] = row }
            log.didSave(unsaved)
        }

        /// A change of a peer, which goes up and down in turn.
        @discardableResult
        func change(_ peer: Peer, isUp: Bool) -> EventLog.ChangeRecord {
            log.recordChange(isUp ? .peerUp : .peerDown, of: peer, lateness: .zero) {
                $0.detail = isUp ? nil : "refused"
            }
        }

        /// Everything that the endpoint would show, oldest first.
        var rows: [EventRow] {
            var rows = file
            for row in log.unsaved.rows { rows[row.id] = row }
            return rows.values.sorted { $0.id < $1.id }
        }
    }

    private static func peer(_ name: String) -> Peer {
        Peer(label: name, scheme: .http, host: name, port: 8_100, pathPrefix: "")
    }

    /// 22 rows: the 20 changes of an hour that are recorded one by one, the row of flapping that
    /// counts the others, and the state that stayed.
    @Test(arguments: [true, false])
    func `a million changes of a peer are 22 rows, which describe what happened`(
        isSaved: Bool
    ) throws {
        let scenario = Scenario(isSaved: isSaved)
        let peer = Self.peer("n3")
        // A change every 0.5 s takes six days.
        for change in 0..<1_000_000 {
            scenario.change(peer, isUp: change % 2 == 0)
            scenario.wait(0.5)
        }
        let flapping = scenario.rows.filter { $0.kind == "peer_flapping" }
        #expect(scenario.rows.count == 21)
        #expect(flapping.count == 1)
        // It is up to date while the peer flaps, as of the last tick.
        #expect(flapping[0].count ?? 0 > 1_000_000 - 31)
        #expect(flapping[0].lasted == nil)
        for _ in 0..<41 { scenario.wait(15) }
        let rows = scenario.rows
        #expect(rows.count == 22)
        #expect(
            rows.prefix(20).map(\.kind) == (0..<20).map { $0 % 2 == 0 ? "peer_up" : "peer_down" }
        )
        let row = rows[20]
        #expect(row.kind == "peer_flapping" && row.peer == "n3" && row.url == peer.url)
        #expect(row.count == 1_000_000)
        #expect(row.lasted == 499_999.5)
        #expect(row.at == 1_800_000_010)
        let last = rows[21]
        #expect(last.kind == "peer_down" && last.detail == "refused")
        #expect(last.at == 1_800_000_000 + 499_999.5)
        #expect(scenario.mostUnsaved <= 22)
        #expect(scenario.log.totals.dropped == 0)
        #expect(scenario.log.totals.counts[.peerFlapping] == 1)
        // From now on its changes are recorded again.
        guard case .recorded = scenario.change(peer, isUp: true) else {
            Issue.record("a peer that is calm is still only counted")
            return
        }
        #expect(scenario.rows.map(\.id) == Array(1...23))
    }

    @Test func `20 changes an hour are recorded one by one, for two days`() {
        let scenario = Scenario(isSaved: true)
        let peer = Self.peer("n3")
        for change in 0..<960 {
            scenario.change(peer, isUp: change % 2 == 0)
            scenario.wait(180)
        }
        #expect(scenario.rows.count == 960)
        #expect(scenario.rows.allSatisfy { $0.kind != "peer_flapping" })
    }

    @Test func `a peer that flaps does not disturb another one`() {
        let scenario = Scenario(isSaved: true)
        let (wild, steady) = (Self.peer("wild"), Self.peer("steady"))
        for change in 0..<10_000 {
            scenario.change(wild, isUp: change % 2 == 0)
            if change % 1_000 == 0 { scenario.change(steady, isUp: change % 2_000 == 0) }
            scenario.wait(1)
        }
        let rows = scenario.rows.filter { $0.peer == "steady" }
        #expect(rows.map(\.kind) == (0..<10).map { $0 % 2 == 0 ? "peer_up" : "peer_down" })
        #expect(scenario.rows.count { $0.peer == "wild" } == 21)
    }

    @Test func `ten peers that flap for a day do not displace other events`() {
        let scenario = Scenario(isSaved: false)
        scenario.log.record(.start, lateness: .zero)
        let peers = (0..<10).map { Self.peer("n\($0)") }
        for change in 0..<5_760 {
            for peer in peers { scenario.change(peer, isUp: change % 2 == 0) }
            scenario.wait(15)
        }
        #expect(scenario.rows.count == 1 + 10 * 21)
        #expect(scenario.rows.first?.kind == "start")
    }

    @Test func `a row that changes while it is saved is saved again`() {
        let scenario = Scenario(isSaved: true)
        let peer = Self.peer("n3")
        for change in 0..<25 { scenario.change(peer, isUp: change % 2 == 0) }
        _ = scenario.log.settle()
        let saving = scenario.log.unsaved
        #expect(saving.rows.last?.count == 25)
        scenario.change(peer, isUp: true)
        _ = scenario.log.settle()
        scenario.log.record(.reload, lateness: .zero)
        scenario.log.didSave(saving)
        let rest = scenario.log.unsaved
        #expect(rest.rows.map(\.kind) == ["peer_flapping", "reload"])
        #expect(rest.rows.first?.count == 26)
        scenario.log.didSave(rest)
        #expect(scenario.log.unsaved.rows.isEmpty)
    }

    @Test func `without a state directory a peer that was calm for ten minutes is recorded again`()
        async throws
    {
        let clock = LocalNodeTests.Clock()
        let events = EventLog(after: 0, .memoryOnly, time: clock)
        let inForce = try LocalNodeTests.inForce(poll: .seconds(15))
        let node = try LocalNodeTests.node(
            .governor,
            time: clock,
            inForce: inForce,
            events: events
        )
        await node.start()
        let peer = Self.peer("n3")
        for change in 0..<30 {
            _ = events.recordChange(
                change % 2 == 0 ? .peerUp : .peerDown,
                of: peer,
                lateness: .zero
            ) {
                _ in
            }
        }
        clock.advance(615)
        await node.wake()
        let rows = events.unsaved.rows.filter { $0.peer == "n3" }
        #expect(rows.count == 22)
        #expect(rows.last?.kind == "peer_down")
        #expect(rows.first { $0.kind == "peer_flapping" }?.count == 30)
    }
}
