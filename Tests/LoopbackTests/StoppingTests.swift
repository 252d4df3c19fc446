import Glibc
import Synchronization
import TestSupport
import Testing

/// What happens between the signal to stop and the end of the process.
@Suite struct StoppingTests {
    /// From the last signal to the end, when nothing is under way.
    private static let usual = Duration.seconds(3)

    /// The number of responses.
    private final class Answers: Sendable {
        let count = Atomic(0)
    }

    /// Sends a request without `Connection: close`.
    private func ask(
        _ path: String,
        of node: ServedNode,
        within limit: Duration = .seconds(10)
    ) async throws -> (answer: HTTPMessage, isClosed: Bool) {
        let probe = HTTPProbe(port: node.port, timeout: limit)
        let request = Array("GET \(path) HTTP/1.1\r\nHost: node\r\n\r\n".utf8)
        let (bytes, isClosed) = try await probe.exchange(request)
        return (try #require(HTTPMessage(bytes)), isClosed)
    }

    /// Expects the end of a node that has just been sent its last signal.
    private func expectUsualEnd(of node: ServedNode) async throws {
        #expect(try await node.process.waitForEnd(within: Self.usual) == .exit(0))
        #expect(node.logLines("msg=stopped").count == 1)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a draining node serves all but readiness, until a second signal ends the drain`(
        signal: Int32
    ) async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: [peer.url],
            settings: ["NOVA_FED_DRAIN_SEC": "60", "NOVA_FED_SYNC_INTERVAL": "0.2"]
        )
        defer { node.process.kill() }
        let served = ["/federation/sync/summary", "/federation/health", "/health", "/metrics"]
        #expect(try await node.get("/ready").text == #"{"ready":true}"#)
        let kept = try await ask("/health", of: node, within: .milliseconds(300))
        #expect(!kept.isClosed && kept.answer.header("connection") != "close")

        node.process.send(signal)
        try await eventually("/ready is 503") { try await node.get("/ready").status == 503 }
        #expect(try await node.get("/ready").text == #"{"ready":false,"reason":"draining"}"#)
        for path in served {
            let (answer, isClosed) = try await ask(path, of: node)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.header("connection")?.lowercased() == "close", "\(path)")
            #expect(isClosed, "\(path)")
        }
        let metrics = try await node.get("/metrics").text
        #expect(metrics.contains("\nnova_federation_draining 1\n"))
        let pulls = peer.requests.count
        await eventually("pulling continues") { peer.requests.count > pulls }
        #expect(node.process.poll() == nil)

        node.process.send(signal)
        try await expectUsualEnd(of: node)
        #expect(node.logLines("drain skipped").count == 1)
    }

    @Test func `a node drains for the configured time and then ends`() async throws {
        let node = try await ServedNode(settings: ["NOVA_FED_DRAIN_SEC": "1.5"])
        defer { node.process.kill() }
        let start = ContinuousClock.now
        node.process.send(SIGTERM)
        #expect(try await node.process.waitForEnd() == .exit(0))
        let elapsed = ContinuousClock.now - start
        #expect(elapsed >= .seconds(1.5))
        #expect(elapsed < .seconds(1.5) + Self.usual)
    }

    @Test func `pages that are being computed are finished and sent before the end`()
        async throws
    {
        let folder = try TemporaryDirectory()
        // Enough that their page takes a while.
        let peers = (0..<4000).map { "http://127.2.\($0 / 250).\($0 % 250):9" }
        try folder.replace("peers", with: peers.joined(separator: "\n"))
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_PEERS_FILE": folder.file("peers"),
                "NOVA_FED_SYNC_INTERVAL": "60",
            ]
        )
        defer { node.process.kill() }
        let asked = 8
        let answers = Answers()
        try await withThrowingTaskGroup(of: HTTPMessage.self) { group in
            for number in 0..<asked {
                group.addTask {
                    defer { answers.count.add(1, ordering: .relaxed) }
                    // Each for another host, because requests for the same page share it.
                    return try await node.get("http://h\(number)/federation/sd")
                }
            }
            let first = try #require(try await group.next())
            #expect(first.text.matches(of: #/:9"\]/#).count == peers.count)
            node.process.send(SIGTERM)
            _ = try await node.process.logLine(containing: "msg=stopping")
            #expect(
                answers.count.load(ordering: .relaxed) < asked,
                "the pages came too fast to test anything"
            )
            // A second signal does not cut the pages off.
            node.process.send(SIGTERM)
            for try await answer in group {
                #expect(answer.status == 200)
                #expect(answer.text.matches(of: #/:9"\]/#).count == peers.count)
            }
        }
        #expect(try await node.process.waitForEnd() == .exit(0))
    }

    @Test func `a pull under way at the end is cut off and logged as no failure`() async throws {
        let silent = try ScriptedPeer(.silence)
        defer { silent.stop() }
        let node = try await ServedNode(
            peers: ["silent=\(silent.url)"],
            settings: ["NOVA_FED_SYNC_INTERVAL": "120", "NOVA_FED_SYNC_TIMEOUT": "60"]
        )
        defer { node.process.kill() }
        await eventually("it is being pulled") { !silent.requests.isEmpty }
        node.process.send(SIGTERM)
        try await expectUsualEnd(of: node)
        #expect(node.logLines("peer=silent").isEmpty)
        await eventually("its connection is closed") { silent.openCount == 0 }
    }
}
