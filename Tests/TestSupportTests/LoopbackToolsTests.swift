import TestSupport
import Testing

/// The HTTP client and the scripted peer, tested against each other.
@Suite struct LoopbackToolsTests {
    private func probe(_ peer: ScriptedPeer, timeout: Duration = .seconds(10)) -> HTTPProbe {
        HTTPProbe(peer.address, port: peer.port, timeout: timeout)
    }

    private let request = Array("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

    @Test func `a good peer answers with its summary and records the request`()
        async throws
    {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-a", gStar: 0.9), on: "127.3.2.1")
        defer { peer.stop() }
        let answer = try await HTTPProbe("127.3.2.1", port: peer.port).get("/federation/x?y")
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == "application/json")
        #expect(answer.text.contains("\"node_id\":\"nova-a\""))
        #expect(answer.text.contains("\"g_star\":0.9"))
        #expect(peer.requests.map(\.method) == ["GET"])
        #expect(peer.requests.map(\.path) == ["/federation/x?y"])
        #expect(peer.requests.first?.header("Host") == "127.3.2.1:\(peer.port)")
    }

    @Test func `a connection stays open until the script has answered its count of requests`()
        async throws
    {
        let peer = try ScriptedPeer(.answer(response(body: "one"), count: 2))
        defer { peer.stop() }
        // The second request is sent after the first response.
        let (bytes, isClosed) = try await onNewThread { [request, port = peer.port] in
            let deadline = ContinuousClock.now + .seconds(10)
            let socket = try Socket.connected(to: "127.0.0.1", port: port)
            var received: [UInt8] = []
            for _ in 1...2 {
                socket.send(request, until: deadline)
                received += socket.receive(until: deadline) ?? []
            }
            return (received, socket.receive(until: deadline) == [])
        }
        #expect(isClosed)
        #expect(bytes == response(body: "one") + response(body: "one"))
        #expect(peer.connectionCount == 1)
        #expect(peer.requests.count == 2)
    }

    @Test func `a silent peer reads the request, and the probe's timeout ends the exchange`()
        async throws
    {
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        let (bytes, isClosed) = try await probe(peer, timeout: .milliseconds(200)).exchange(request)
        #expect(bytes.isEmpty)
        #expect(!isClosed)
        #expect(peer.requests.count == 1)
        await #expect(throws: TestError.self) {
            try await probe(peer, timeout: .milliseconds(200)).get("/")
        }
    }

    @Test func `a dripping peer pauses after each byte`() async throws {
        let peer = try ScriptedPeer(.drip(Array("abcdef".utf8), every: .milliseconds(20)))
        defer { peer.stop() }
        let start = ContinuousClock.now
        let (bytes, isClosed) = try await probe(peer).exchange(request)
        #expect(bytes == Array("abcdef".utf8))
        #expect(isClosed)
        #expect(ContinuousClock.now - start >= .milliseconds(100))
    }

    @Test(arguments: [Script.reset, .closeAtOnce])
    func `a peer that resets or closes the connection sends nothing`(script: Script) async throws {
        let peer = try ScriptedPeer(script)
        defer { peer.stop() }
        let (bytes, isClosed) = try await probe(peer).exchange(request)
        #expect(bytes.isEmpty)
        #expect(isClosed)
    }

    @Test func `an endless peer sends until the client closes, and ends when it is stopped`()
        async throws
    {
        let peer = try ScriptedPeer(
            .inTurn(.endlessInterim, .endlessHeaders, .endlessBody)
        )
        for start in ["HTTP/1.1 100", "HTTP/1.1 200 OK\r\nX-More", "HTTP/1.1 200 OK\r\n\r\n"] {
            let probe = probe(peer, timeout: .milliseconds(100))
            let (bytes, isClosed) = try await probe.exchange(request)
            #expect(String(decoding: bytes.prefix(start.utf8.count), as: UTF8.self) == start)
            #expect(bytes.count > 100_000)
            #expect(!isClosed)
        }
        peer.stop()
        await eventually("the scripts have ended") { peer.openCount == 0 }
        await #expect(throws: TestError.self) { try await probe(peer).get("/") }
    }

    @Test func `the chunks of a body are joined`() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"
        let text = try #require(HTTPMessage(Array((head + body).utf8)))
        #expect(text.text == "abc0123456789")
    }
}
