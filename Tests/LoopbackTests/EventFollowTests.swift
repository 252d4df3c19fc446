import Foundation
import Glibc
import TestSupport
import Testing

/// `events --follow` while its node restarts, and while many events happen at once.
@Suite struct EventFollowTests {
    /// Starts the command.
    private static func follow(_ url: String, _ options: [String] = []) throws -> ChildProcess {
        try ChildProcess(daemonExecutable(), ["events", "--follow", "--url", url] + options)
    }

    /// The events that the command has printed with `--json`.
    private static func printed(by process: ChildProcess) -> [ServedEvent] {
        process.output.split(separator: "\n")
            .compactMap { try? JSONDecoder().decode(ServedEvent.self, from: Data($0.utf8)) }
    }

    @Test(arguments: [true, false])
    func `following continues after a restart of the node, with and without a state directory`(
        isSaved: Bool
    ) async throws {
        let directory = try TemporaryDirectory()
        let port = try freePort()
        let settings = isSaved ? ["NOVA_FED_STATE_DIR": directory.path] : [:]
        func start() async throws -> ServedNode {
            try await ServedNode(peers: ["gone=http://127.0.0.1:9"], port: port, settings: settings)
        }
        let first = try await start()
        defer { first.process.kill() }
        let before = try await first.events("kind=peer_down", count: 1)
        let process = try Self.follow(first.url, ["--json"])
        defer { process.kill() }
        await eventually("the events so far are printed") {
            Set(Self.printed(by: process)).isSuperset(of: before)
        }
        #expect(try await first.stop() == .exit(0))
        _ = try await process.logLine(containing: "no response from \(first.url)")
        let second = try await start()
        defer { second.process.kill() }
        _ = try await process.logLine(containing: "\(first.url) responds again")
        await eventually("the start is printed once more") {
            Self.printed(by: process).count { $0.kind == "start" } == 2
        }
        _ = try await second.events("kind=peer_down", count: 1)
        // Later than all others.
        second.process.send(SIGHUP)
        _ = try await second.events("kind=reload", count: 1)
        await eventually("the reload is printed") {
            Self.printed(by: process).contains { $0.kind == "reload" }
        }
        let events = Self.printed(by: process)
        #expect(Set(events).count == events.count)
        let served = Array(try await second.events().events.reversed())
        if isSaved {
            #expect(events == served)
        } else {
            #expect(Array(events.suffix(served.count)) == served && events.count > served.count)
        }
        let lines = process.log.split(separator: "\n")
        #expect(lines.count == (isSaved ? 2 : 3), "\(process.log)")
        #expect(lines.contains { $0.contains("ids of events began again") } == !isSaved)
        #expect(process.poll() == nil)
    }

    @Test func `a burst of 400 events between two requests is printed whole and in order`()
        async throws
    {
        let directory = try TemporaryDirectory()
        let peers = try directory.write("p0=http://127.0.0.1:9/p0\n", to: "peers")
        try await withNode(["NOVA_FED_PEERS_FILE": peers, "NOVA_FED_SYNC_ENABLED": "1"]) { node in
            let process = try Self.follow(node.url, ["--json"])
            defer { process.kill() }
            await eventually("the start is printed") { !Self.printed(by: process).isEmpty }
            let list = (0...400).map { "p\($0)=http://127.0.0.1:9/p\($0)" }
            try directory.replace("peers", with: list.joined(separator: "\n"))
            _ = try await node.events("kind=peer_added&limit=1000", count: 400)
            await eventually("all are printed") {
                Self.printed(by: process).count { $0.kind == "peer_added" } == 400
            }
            let ids = Self.printed(by: process).map(\.id)
            #expect(ids == Array(1...ids.count))
            #expect(process.log.isEmpty)
        }
    }

    @Test func `following ends with 77 if the node begins to refuse the request`() async throws {
        let body = #"{"events":[],"oldest":null,"next":null}"#
        let node = try ScriptedPeer(
            .inTurn(
                .answerThenClose(response(200, body: body)),
                .answer(response(403, body: "{}"))
            )
        )
        let process = try Self.follow(node.url)
        defer { process.kill() }
        #expect(try await process.waitForEnd() == .exit(77))
        #expect(process.log.contains("refused the request with status 403"))
    }
}
