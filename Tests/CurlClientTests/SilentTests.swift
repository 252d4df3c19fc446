import CurlClient
import TestSupport
import Testing

/// Kept connections that a middlebox forgot: what is sent on them vanishes without a sign.
@Suite struct SilentTests {
    private static let good = response(body: "1")
    private static let isGood = "document 200, 1 bytes"
    private static let timeout = Duration.milliseconds(600)

    /// Answers one request on each connection, and takes all further ones in silence.
    private static let forgotten = Script { connection in
        guard connection.nextRequest() != nil, connection.send(good) else { return }
        while connection.nextRequest() != nil {}
    }

    /// Answers the first request on a connection at once, and later ones after `pause`.
    private static func slow(_ pause: Duration) -> Script {
        Script { connection in
            guard connection.nextRequest() != nil, connection.send(good) else { return }
            while connection.nextRequest() != nil {
                guard connection.pause(pause), connection.send(good) else { return }
            }
        }
    }

    @Test func `a middlebox that silently drops idle connections costs no GET`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.forgotten)
        defer { peer.stop() }
        var totals: [Double] = []
        for _ in 1...8 {
            let got = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
            #expect(got.words == Self.isGood)
            totals.append(got.times.total)
            _ = await client.collect(until: soon(.milliseconds(50)))
        }
        // Two of them waited for half of their time; then a kept connection is used no more.
        #expect(totals[1] >= 0.299 && totals[2] >= 0.299)
        #expect(totals[3...].allSatisfy { $0 < 0.299 })
    }

    @Test func `a slow peer answers on its kept connection, and is not asked twice each time`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        // The second attempt would come to its deadline.
        let peer = try ScriptedPeer(.inTurn(Self.slow(.milliseconds(400)), .silence))
        defer { peer.stop() }
        for _ in 1...4 {
            let got = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
            #expect(got.words == Self.isGood)
        }
        #expect(peer.connectionCount == 2)
        #expect(peer.openCount == 1)
    }

    @Test func `a second attempt that is refused does not end the first`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.slow(.milliseconds(400)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        peer.refuse()
        let got = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
        #expect(got.words == Self.isGood)
        #expect(got.times.connect == 0)
    }

    @Test func `where neither attempt is answered, the second says why`() async throws {
        let client = try CurlClient(limits: .small())
        let refusing = try ScriptedPeer(Self.forgotten)
        let silent = try ScriptedPeer(.inTurn(Self.forgotten, .silence))
        defer { for peer in [refusing, silent] { peer.stop() } }
        let requests = [refusing, silent].enumerated()
            .map { FetchRequest($0.offset, of: $0.element, timeout: Self.timeout) }
        for got in try await client.fetch(requests).values { #expect(got.words == Self.isGood) }
        refusing.refuse()
        let answers = try await client.fetch(requests)
        #expect(answers[0]?.words == "connectRefused in connect")
        #expect(answers[1]?.failure?.phase == .firstByte)
        guard case .timedOut(let isLate) = answers[1]?.failure?.cause else {
            Issue.record("\(answers[1]?.words ?? "")")
            return
        }
        for got in answers.values where !isLate {
            #expect(got.times.total > 0.599 && got.times.total <= 0.653)
        }
        #expect(await client.inFlight == 0)
        await eventually("no connection is left") {
            refusing.openCount == 0 && silent.openCount == 0
        }
    }

    @Test func `the system probes a kept connection`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(Self.good))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        let sockets = try await run(
            tool(named: "ss", package: "iproute2"),
            ["--tcp", "--numeric", "--options", "dst", "127.0.0.1:\(peer.port)"]
        )
        #expect(sockets.output.contains("timer:(keepalive,"), "\(sockets.output)")
    }
}
