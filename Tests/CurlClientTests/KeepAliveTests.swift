import CurlClient
import TestSupport
import Testing
import Timing

/// Idle timeouts that a peer announces or shows.
@Suite struct KeepAliveTests {
    private static func announcing(_ value: String) -> Script {
        .answer(response(headers: ["Keep-Alive: \(value)"], body: "1"))
    }

    @Test func `a connection is not reused from just below the timeout that its peer announced`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let announced = [
            "timeout=1", "timeout=1, max=99", "max=99,Timeout=1", "timeout=3", "x",
            "timeout=1\r\nKeep-Alive: timeout=300",
        ]
        let peers = try announced.map { try ScriptedPeer(Self.announcing($0)) }
        defer { for peer in peers { peer.stop() } }
        let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
        for _ in 1...2 {
            for result in try await client.fetch(requests).values {
                #expect(result.words == "document 200, 1 bytes")
            }
        }
        #expect(peers.map(\.connectionCount) == [1, 1, 1, 1, 1, 1])
        _ = await client.collect(until: soon(.milliseconds(760)))
        for result in try await client.fetch(requests).values {
            #expect(result.words == "document 200, 1 bytes")
        }
        #expect(peers.map(\.connectionCount) == [2, 2, 2, 1, 1, 2])
        // The connection that was not reused is closed.
        await eventually("one is open") { peers.allSatisfy { $0.openCount == 1 } }
    }

    @Test func `a connection with an announced timeout of 0 is not reused`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.announcing("timeout=0"))
        defer { peer.stop() }
        for _ in 1...5 {
            #expect(
                try await client.fetch(FetchRequest(0, of: peer)).words == "document 200, 1 bytes"
            )
        }
        #expect(peer.connectionCount == 5)
    }

    @Test func `an observed idle timeout is learned, and no request is sent close to it`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let closing = Script { connection in
            while connection.nextRequest() != nil {
                guard connection.send(response(body: "1")) else { return }
                // Closes after 200 ms without a request.
                if connection.pause(.milliseconds(200)) { return }
            }
        }
        let peer = try ScriptedPeer(closing)
        defer { peer.stop() }
        for _ in 1...2 {
            #expect(
                try await client.fetch(FetchRequest(0, of: peer)).words == "document 200, 1 bytes"
            )
            await eventually("the peer closes") { peer.openCount == 0 }
            _ = await client.collect(until: soon(.milliseconds(20)))
        }
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == "document 200, 1 bytes")
        _ = await client.collect(until: soon(.milliseconds(175)))
        #expect(try await client.fetch(FetchRequest(0, of: peer)).words == "document 200, 1 bytes")
        #expect(peer.connectionCount == 4)
        #expect(peer.requests.count == 4)
    }

    @Test func `keys of one host and port share connections only within the announced timeout`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(Self.announcing("timeout=1"))
        defer { peer.stop() }
        let requests = (0..<4).map { FetchRequest($0, of: peer) }
        _ = try await client.fetch(requests)
        let first = peer.connectionCount
        _ = try await client.fetch(requests)
        #expect(peer.connectionCount == first)
        _ = await client.collect(until: soon(.milliseconds(760)))
        for result in try await client.fetch(requests).values {
            #expect(result.words == "document 200, 1 bytes")
        }
        #expect(peer.connectionCount == 2 * first)
    }
}
