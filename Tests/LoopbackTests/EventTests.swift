import Foundation
import Glibc
import TestSupport
import Testing

/// An event of the endpoint.
struct ServedEvent: Decodable, Hashable {
    var id: Int
    var at: Double
    var kind: String
    var peer: String?
    var reason: String?
    var phase: String?
    var status: Int?
    var detail: String?
    var from: String?
    var to: String?
    var count: Int?
    var lasted: Double?
    var lateness: Double

    struct Page: Decodable {
        var events: [ServedEvent]
        var oldest: Double?
        var next: Int?
    }
}

extension ServedNode {
    func events(_ query: String = "limit=1000") async throws -> ServedEvent.Page {
        let text = try await page("/federation/events?\(query)")
        return try JSONDecoder().decode(ServedEvent.Page.self, from: Data(text.utf8))
    }

    /// Waits until a query returns at least this many events, and returns them.
    func events(_ query: String, count: Int) async throws -> [ServedEvent] {
        await eventually("\(query) has \(count) events", within: .seconds(30)) {
            (try? await events(query).events.count) ?? 0 >= count
        }
        return try await events(query).events
    }
}

/// Events at the endpoint and in the log, and the state after a restart.
@Suite struct EventTests {
    private static func settings(_ directory: String) -> [String: String] {
        ["NOVA_FED_STATE_DIR": directory, "NOVA_FED_SYNC_INTERVAL": "0.2"]
    }

    @Test func `a killed peer is recorded once, with its reason and the time it was up`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let peer = try await ServedNode(peers: [])
        defer { peer.process.kill() }
        let observer = try await ServedNode(
            peers: ["n3=\(peer.url)"],
            settings: Self.settings(directory.path)
        )
        defer { observer.process.kill() }
        let up = try await observer.events("peer=n3&kind=peer_up", count: 1)
        #expect(up.map(\.lasted) == [nil])
        peer.process.kill()
        let down = try await observer.events("peer=n3&kind=peer_down", count: 1)
        try #require(down.count == 1)
        #expect(["connect_refused", "connection_lost"].contains(down[0].reason))
        #expect(["connect", "first_byte"].contains(down[0].phase))
        let lasted = try #require(down[0].lasted)
        #expect(abs(lasted - (down[0].at - up[0].at)) < 0.1)
        #expect(down[0].lateness < 5)
        // The log line contains the id of the event.
        let lines = await observer.logLines("peer is down", count: 1)
        #expect(lines.map { $0.field("event") } == ["\(down[0].id)"])

        // The second run has the event once, and does not record the known state again.
        #expect(try await observer.stop() == .exit(0))
        let again = try await ServedNode(
            peers: ["renamed=\(peer.url)"],
            settings: Self.settings(directory.path)
        )
        defer { again.process.kill() }
        let failed = "nova_federation_pull_result_total{status=\"error\"}"
        await eventually("it has pulled") { (try? await again.metrics())?[failed] ?? 0 > 2 }
        let events = try await again.events().events
        var expected = down[0]
        expected.peer = "renamed"
        #expect(events.filter { $0.kind == "peer_down" } == [expected])
        #expect(events.filter { $0.kind == "peer_up" }.count == 1)
        let runs = events.map(\.kind).filter { ["start", "stop"].contains($0) }
        #expect(runs == ["start", "stop", "start"])
        #expect(events.map(\.id) == events.map(\.id).sorted(by: >))
        #expect(again.logLines("peer is down").isEmpty)
        #expect(try await again.events("peer=renamed&kind=peer_down").events == [expected])
    }

    @Test func `a killed node records nothing again that it recorded`() async throws {
        let directory = try TemporaryDirectory()
        let peers = ["gone=http://127.0.0.1:9"]
        let settings = Self.settings(directory.path)
        let first = try await ServedNode(peers: peers, settings: settings)
        defer { first.process.kill() }
        _ = try await first.events("kind=peer_down", count: 1)
        await eventually("the event is in the file") {
            let saved = try? await run(
                daemonExecutable(),
                ["events", "--kind", "peer_down", "--state-dir", directory.path]
            )
            return saved?.output.contains("gone") == true
        }
        first.process.kill()
        let second = try await ServedNode(peers: peers, settings: settings)
        defer { second.process.kill() }
        await eventually("it has pulled") { (try? await second.metrics())?.pulls("error") ?? 0 > 2 }
        #expect(try await second.events("kind=peer_down").events.count == 1)
        #expect(second.logLines("peer is down").isEmpty)
    }

    @Test func `a restart keeps the window, and events follow the URL of a renamed peer`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let peer = try await ServedNode(peers: [])
        defer { peer.process.kill() }
        let first = try await ServedNode(
            peers: ["old=\(peer.url)"],
            settings: Self.settings(directory.path)
        )
        await eventually("the window has observations") {
            (try? await first.health())?.peers.first?.samples ?? 0 >= 5
        }
        let samples = try #require(try await first.health().peers.first?.samples)
        #expect(try await first.stop() == .exit(0))
        let second = try await ServedNode(
            peers: ["new=\(peer.url)"],
            settings: Self.settings(directory.path)
                .merging(["NOVA_FED_SYNC_INTERVAL": "60"]) { $1 }
        )
        defer { second.process.kill() }
        let restored = try #require(try await second.health().peers.first)
        #expect(restored.id == "new")
        #expect(restored.samples >= samples)
        #expect(try await second.events("peer=new&kind=peer_up").events.count == 1)
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("since=nan", "since"),
        ("since=-1", "since"), ("before=0", "before"), ("kind=nothing", "kind"), ("peer=", "peer"),
        ("limit=1&limit=2", "limit"), ("colour=red", "colour"), ("Kind=start", "Kind"),
        ("%6Cimit=0", "limit"),
    ])
    func `a malformed or unknown parameter is refused by name`(
        query: String,
        name: String
    )
        async throws
    {
        try await withNode { node in
            let answer = try await node.get("/federation/events?\(query)")
            #expect(answer.status == 400)
            let body =
                try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: String]
            #expect(body?["error"] == "bad_parameter")
            #expect(body?["parameter"] == name)
            #expect(body?["message"]?.hasPrefix(name) == true)
        }
    }

    @Test func `pages of events follow each other without a gap`() async throws {
        try await withNode(peers: (1...9).map { "p\($0)=http://127.0.0.1:\($0)" }) { node in
            _ = try await node.events("kind=peer_down", count: 9)
            let all = try await node.events().events.map(\.id)
            var walked: [Int] = []
            var next: Int?
            repeat {
                let page = try await node.events("limit=4" + (next.map { "&before=\($0)" } ?? ""))
                walked += page.events.map(\.id)
                next = page.next
            } while next != nil
            #expect(walked == all)
            let since = try await node.events().events[2].at
            #expect(try await node.events("since=\(since)").events.count == 3)
        }
    }

    @Test func `a reload and the peers that it adds and removes are recorded`() async throws {
        let directory = try TemporaryDirectory()
        let peers = try directory.write("a=http://127.0.0.1:1\nb=http://127.0.0.1:2\n", to: "peers")
        let settings = ["NOVA_FED_PEERS_FILE": peers, "NOVA_FED_SYNC_ENABLED": "1"]
        try await withNode(settings) { node in
            try directory.replace("peers", with: "b=http://127.0.0.1:2\nc=http://127.0.0.1:3\n")
            let reloads = try await node.events("kind=reload", count: 1)
            #expect(reloads.map(\.reason) == ["peers_file"])
            #expect(reloads.map(\.count) == [2])
            #expect(try await node.events("kind=peer_added").events.map(\.peer) == ["c"])
            #expect(try await node.events("kind=peer_removed").events.map(\.peer) == ["a"])
            try directory.replace("peers", with: "b=ftp://127.0.0.1:2\n")
            let failed = try await node.events("kind=reload_failed", count: 1)
            #expect(failed.first?.detail?.contains("ftp") == true)
        }
    }
}
