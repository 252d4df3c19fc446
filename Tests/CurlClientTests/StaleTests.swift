import CurlClient
import Glibc
import Synchronization
import TestSupport
import Testing

/// Kept connections that end, or bring something, while they rest.
@Suite struct StaleTests {
    private static let good = response(body: "1")
    private static let isGood = "document 200, 1 bytes"

    /// Answers one request, and loses the next one without a byte.
    private static let forgetful = Script { connection in
        guard connection.nextRequest() != nil, connection.send(good) else { return }
        _ = connection.nextRequest()
    }

    /// Answers one request, waits, and sends `bytes` that nobody asked for.
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

    @Test func `a kept connection that is lost without a byte costs no GET, however often`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peers = try (0..<20).map { _ in try ScriptedPeer(Self.forgetful) }
        defer { for peer in peers { peer.stop() } }
        // One after the other, so that all use the same handle.
        for (key, peer) in peers.enumerated() {
            for _ in 1...2 {
                let got = try await client.fetch(FetchRequest(key, of: peer))
                #expect(got.words == Self.isGood)
                #expect(got.times.firstByte > 0 && got.times.firstByte <= got.times.total)
            }
            // The second was lost once, and tried once more on a connection of its own.
            #expect(peer.connectionCount == 2)
            #expect(peer.requests.count == 3)
            #expect(peer.requests.allSatisfy { $0.bytes.starts(with: Array("GET /".utf8)) })
        }
    }

    @Test func `a peer that loses each kept connection loses no GET`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.forgetful)
        defer { peer.stop() }
        for _ in 1...40 {
            #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        }
        #expect(peer.connectionCount == 40)
    }

    @Test func `a reset of a kept connection costs no GET`() async throws {
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
        // It answers the kept connection no more, and the listener is gone.
        let listening = peer.port
        peer.refuse()
        let got = try await client.fetch(FetchRequest(0, of: peer))
        #expect(got.words == "connectRefused in connect")
        #expect(got.failure?.detail.contains("\(listening)") == true)
        peer.stop()
    }

    @Test func `a peer that loses every request fails after the second`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.inTurn(Self.forgetful, .closeAtOnce))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let got = try await client.fetch(FetchRequest(0, of: peer))
        #expect(got.words == "connectionLost in firstByte")
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
        let got = try await client.fetch(FetchRequest(0, of: peer, timeout: .milliseconds(400)))
        guard case .timedOut(let isLate) = got.failure?.cause else {
            Issue.record("\(got.words)")
            return
        }
        #expect(got.times.total > 0.399)
        if !isLate { #expect(got.times.total <= 0.453) }
        #expect(peer.connectionCount == 2)
    }

    @Test func `the time of a GET that was tried twice includes both attempts`() async throws {
        let client = try CurlClient(limits: .small())
        let losing = Script { connection in
            guard connection.nextRequest() != nil, connection.send(Self.good) else { return }
            _ = connection.nextRequest()
            _ = connection.pause(.milliseconds(150))
        }
        let peer = try ScriptedPeer(.inTurn(losing, .answer(Self.good)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let got = try await client.fetch(FetchRequest(0, of: peer))
        #expect(got.words == Self.isGood)
        #expect(got.times.connect >= 0.149)
        #expect(got.times.connect <= got.times.firstByte)
        #expect(got.times.firstByte <= got.times.total)
    }

    @Test(arguments: [
        response(408, headers: ["Connection: close"], body: ""),
        response(body: "in advance"), Array("x".utf8), Array("\r\n".utf8),
        Array(repeating: 65, count: 300_000),
    ])
    func `bytes that come while a connection rests are no response`(bytes: [UInt8]) async throws {
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

    @Test func `a resting connection that brings something is closed at once`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.speaking(Self.good, after: .milliseconds(20)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        await eventually("the connection is closed") { peer.openCount == 0 }
    }

    @Test func `bytes that come just before the request are no response`() async throws {
        raiseFileLimit()
        let count = 64
        let client = try CurlClient(limits: .small())
        let peers = try (0..<count)
            .map { number in
                // Around the moment of the next request, some before it and some after.
                let pause = Duration.milliseconds(6 + number % 8)
                return try ScriptedPeer(
                    Self.speaking(response(408, body: ""), after: pause, closes: true)
                )
            }
        defer { for peer in peers { peer.stop() } }
        let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
        for _ in 1...40 {
            let answers = try await client.fetch(requests)
            #expect(answers.values.allSatisfy { $0.words == Self.isGood })
            _ = await client.collect(until: soon(.milliseconds(8)))
        }
    }

    @Test func `a 408 on a fresh connection is a status`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(408, body: "")))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == "status in body, 408")
    }

    @Test func `a peer that closes kept connections at each interval loses no GET`()
        async throws
    {
        raiseFileLimit()
        let count = 200
        let client = try CurlClient(limits: .small())
        let server = try await ClosingServer(hosts: count, idle: 0.1)
        let requests = (0..<count)
            .map { FetchRequest(key: $0, at: server.url($0), timeout: .seconds(2)) }
        // Spread over the interval, as pulls are: each key has its own moment.
        let interval = Duration.milliseconds(103)
        let start = ContinuousClock.now + .milliseconds(50)
        var ends: [String: Int] = [:]
        for slot in 0..<(count * 25) {
            let due = start + interval * Double(slot) / Double(count)
            repeat {
                for got in await client.collect(until: soon(max(.zero, due - .now))) {
                    ends[got.words, default: 0] += 1
                }
            } while ContinuousClock.now < due
            await client.start([requests[slot % count]])
        }
        let last = soon(.seconds(10))
        while ends.values.reduce(0, +) < count * 25, CurlClient.now() < last {
            for got in await client.collect(until: last) { ends[got.words, default: 0] += 1 }
        }
        #expect(ends == ["document 200, 2 bytes": count * 25])
    }
}
