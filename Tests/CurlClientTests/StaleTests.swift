import CurlClient
import Glibc
import Synchronization
import TestSupport
import Testing
import Timing

/// Kept connections that are closed or receive bytes while they are idle.
@Suite struct StaleTests {
    private static let good = response(body: "1")
    private static let isGood = "document 200, 1 bytes"

    /// Answers one request, and closes at the next one without a response.
    private static let forgetful = Script { connection in
        guard connection.nextRequest() != nil, connection.send(good) else { return }
        _ = connection.nextRequest()
    }

    /// Answers one request, waits, and sends unsolicited `bytes`.
    private static func speaking(
        _ bytes: [UInt8],
        after pause: Duration = .zero,
        closes: Bool = false
    ) -> Script {
        Script { connection in
            guard connection.nextRequest() != nil, connection.send(good),
                pause == .zero || connection.pause(pause), connection.send(bytes), !closes
            else { return }
            while connection.nextRequest() != nil { connection.send(response(body: "late")) }
        }
    }

    @Test func `no fetch fails because a kept connection is lost, however often this happens`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peers = try (0..<20).map { _ in try ScriptedPeer(Self.forgetful) }
        defer { for peer in peers { peer.stop() } }
        // In sequence, so that all use the same handle.
        for (key, peer) in peers.enumerated() {
            for _ in 1...2 {
                let result = try await client.fetch(FetchRequest(key, of: peer))
                #expect(result.words == Self.isGood)
                #expect(result.times.firstByte > 0 && result.times.firstByte <= result.times.total)
            }
            // The second request was lost once, and retried on a fresh connection.
            #expect(peer.connectionCount == 2)
            #expect(peer.requests.count == 3)
            #expect(peer.requests.allSatisfy { $0.bytes.starts(with: Array("GET /".utf8)) })
        }
    }

    @Test func `no fetch fails if a peer loses every kept connection`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.forgetful)
        defer { peer.stop() }
        for _ in 1...40 {
            #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        }
        #expect(peer.connectionCount == 40)
    }

    @Test func `no fetch fails because a kept connection is reset`() async throws {
        let client = try CurlClient(limits: .small())
        let script = Script { connection in
            guard connection.nextRequest() != nil, connection.send(Self.good) else { return }
            _ = connection.nextRequest()
            connection.reset()
        }
        let peer = try ScriptedPeer(script)
        defer { peer.stop() }
        for _ in 1...20 {
            #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        }
    }

    @Test func `a failure of the second attempt is the result`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.forgetful)
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        // It no longer answers on the kept connection, and its listener is closed.
        let listening = peer.port
        peer.refuse()
        let result = try await client.fetch(FetchRequest(0, of: peer))
        #expect(result.words == "connectRefused in connect")
        #expect(result.failure?.detail.contains("\(listening)") == true)
        peer.stop()
    }

    @Test func `a fetch fails after its second attempt`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.inTurn(Self.forgetful, .closeAtOnce))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let result = try await client.fetch(FetchRequest(0, of: peer))
        #expect(result.words == "connectionLost in firstByte")
        #expect(peer.connectionCount == 2)
    }

    @Test func `both attempts have one deadline`() async throws {
        let client = try CurlClient(limits: .small())
        let losing = Script { connection in
            guard connection.nextRequest() != nil, connection.send(Self.good) else { return }
            _ = connection.nextRequest()
            _ = connection.pause(.milliseconds(150))
        }
        let peer = try ScriptedPeer(.inTurn(losing, .silence))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let result = try await client.fetch(FetchRequest(0, of: peer, timeout: .milliseconds(400)))
        guard case .timedOut(let isLate) = result.failure?.cause else {
            Issue.record("\(result.words)")
            return
        }
        #expect(result.times.total > 0.399)
        if !isLate { #expect(result.times.total <= 0.453) }
        #expect(peer.connectionCount == 2)
    }

    @Test func `the times of a fetch include both attempts`() async throws {
        let client = try CurlClient(limits: .small())
        let losing = Script { connection in
            guard connection.nextRequest() != nil, connection.send(Self.good) else { return }
            _ = connection.nextRequest()
            _ = connection.pause(.milliseconds(150))
        }
        let peer = try ScriptedPeer(.inTurn(losing, .answer(Self.good)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let result = try await client.fetch(FetchRequest(0, of: peer))
        #expect(result.words == Self.isGood)
        #expect(result.times.connect >= 0.149)
        #expect(result.times.connect <= result.times.firstByte)
        #expect(result.times.firstByte <= result.times.total)
    }

    @Test(arguments: [
        response(408, headers: ["Connection: close"], body: ""),
        response(body: "in advance"), Array("x".utf8), Array("\r\n".utf8),
        Array(repeating: 65, count: 300_000),
    ])
    func `bytes that arrive on an idle connection are no response`(bytes: [UInt8]) async throws {
        let client = try CurlClient(limits: .small())
        for closes in [true, false] {
            let peer = try ScriptedPeer(Self.speaking(bytes, closes: closes))
            defer { peer.stop() }
            for _ in 1...5 {
                #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
                await eventually("the connection is closed") { peer.openCount == 0 }
            }
        }
    }

    @Test func `an idle connection that receives bytes is closed at once`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.speaking(Self.good, after: .milliseconds(20)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        await eventually("the connection is closed") { peer.openCount == 0 }
    }

    @Test func `bytes that arrive just before the request are no response`() async throws {
        raiseFileLimit()
        let count = 64
        let client = try CurlClient(limits: .small())
        let peers = try (0..<count)
            .map { number in
                // Shortly before or after the next request.
                let pause = Duration.milliseconds(6 + number % 8)
                return try ScriptedPeer(
                    Self.speaking(response(408, body: ""), after: pause, closes: true)
                )
            }
        defer { for peer in peers { peer.stop() } }
        let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
        for _ in 1...40 {
            let results = try await client.fetch(requests)
            #expect(results.values.allSatisfy { $0.words == Self.isGood })
            _ = await client.collect(until: soon(.milliseconds(8)))
        }
    }

    @Test func `a 408 on a fresh connection is a failed status`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(408, body: "")))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == "status in body, 408")
    }

    @Test func `no fetch fails if a peer closes idle connections at each interval`()
        async throws
    {
        raiseFileLimit()
        let count = 200
        let client = try CurlClient(limits: .small())
        let server = try await ClosingServer(hosts: count, idle: 0.1)
        let requests = (0..<count)
            .map { FetchRequest(key: $0, at: server.url($0), timeout: .seconds(2)) }
        // Spread over the interval like pulls: each key has its own phase.
        let interval = Duration.milliseconds(103)
        let start = ContinuousClock.now + .milliseconds(50)
        var ends: [String: Int] = [:]
        for slot in 0..<(count * 25) {
            let due = start + interval * Double(slot) / Double(count)
            repeat {
                for result in await client.collect(until: soon(max(.zero, due - .now))) {
                    ends[result.words, default: 0] += 1
                }
            } while ContinuousClock.now < due
            await client.start([requests[slot % count]])
        }
        let last = soon(.seconds(10))
        while ends.values.reduce(0, +) < count * 25, SystemClock.now < last {
            for result in await client.collect(until: last) { ends[result.words, default: 0] += 1 }
        }
        #expect(ends == ["document 200, 2 bytes": count * 25])
    }
}
