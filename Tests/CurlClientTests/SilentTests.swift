import CurlClient
import TestSupport
import Testing
import Timing

/// Kept connections that a middlebox forgot, so that requests on them are silently dropped.
@Suite struct SilentTests {
    private static let good = response(body: "1")
    private static let isGood = "document 200, 1 bytes"
    private static let timeout = Duration.milliseconds(600)

    /// Answers one request on each connection, and ignores all further ones.
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

    @Test func `no fetch fails if a middlebox silently drops idle connections`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.forgotten)
        defer { peer.stop() }
        var totals: [Double] = []
        for _ in 1...8 {
            let result = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
            #expect(result.words == Self.isGood)
            totals.append(result.times.total)
            _ = await client.collect(until: soon(.milliseconds(50)))
        }
        // Two fetches waited for half of their timeout; then no kept connection is reused.
        #expect(totals[1] >= 0.299 && totals[2] >= 0.299)
        #expect(totals[3...].allSatisfy { $0 < 0.299 })
    }

    @Test func `a slow peer answers on its kept connection, and later gets no second request`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        // A second attempt would time out.
        let peer = try ScriptedPeer(.inTurn(Self.slow(.milliseconds(400)), .silence))
        defer { peer.stop() }
        for _ in 1...4 {
            let result = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
            #expect(result.words == Self.isGood)
        }
        #expect(peer.connectionCount == 2)
        #expect(peer.openCount == 1)
    }

    @Test func `a refused second attempt does not end the first`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.slow(.milliseconds(400)))
        defer { peer.stop() }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == Self.isGood)
        peer.refuse()
        let result = try await client.fetch(FetchRequest(0, of: peer, timeout: Self.timeout))
        #expect(result.words == Self.isGood)
        #expect(result.times.connect == 0)
    }

    @Test func `if both attempts fail, the second gives the cause`() async throws {
        let client = try CurlClient(limits: .small())
        let refusing = try ScriptedPeer(Self.forgotten)
        let silent = try ScriptedPeer(.inTurn(Self.forgotten, .silence))
        defer { for peer in [refusing, silent] { peer.stop() } }
        let requests = [refusing, silent].enumerated()
            .map { FetchRequest($0.offset, of: $0.element, timeout: Self.timeout) }
        for result in try await client.fetch(requests).values {
            #expect(result.words == Self.isGood)
        }
        refusing.refuse()
        let results = try await client.fetch(requests)
        #expect(results[0]?.words == "connectRefused in connect")
        #expect(results[1]?.failure?.phase == .firstByte)
        guard case .timedOut(let isLate) = results[1]?.failure?.cause else {
            Issue.record("\(results[1]?.words ?? "")")
            return
        }
        for result in results.values where !isLate {
            #expect(result.times.total > 0.599 && result.times.total <= 0.653)
        }
        #expect(await client.inFlight == 0)
        await eventually("no connection is left") {
            refusing.openCount == 0 && silent.openCount == 0
        }
    }

    @Test func `kept connections use TCP keepalive`() async throws {
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
