import CurlClient
import TestSupport
import Testing

/// Kept connections and their reuse.
@Suite struct ReuseTests {
    @Test func `fetches of one key use one connection`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "12")))
        defer { peer.stop() }
        let first = try await client.fetch(FetchRequest(3, of: peer))
        #expect(first.times.connect > 0)
        for _ in 1...20 {
            let next = try await client.fetch(FetchRequest(3, of: peer))
            #expect(next.words == "document 200, 2 bytes")
            #expect(next.times.connect == 0)
            #expect(next.times.firstByte > 0 && next.times.firstByte <= next.times.total)
        }
        #expect(peer.connectionCount == 1)
        #expect(peer.requests.count == 21)
    }

    @Test func `a key above the kept connections opens and closes a connection for each fetch`()
        async throws
    {
        let client = try CurlClient(limits: .small(kept: 3))
        let peer = try ScriptedPeer(.answer(response(body: "12")))
        defer { peer.stop() }
        for _ in 1...3 {
            #expect(
                try await client.fetch(FetchRequest(3, of: peer)).words == "document 200, 2 bytes"
            )
        }
        #expect(peer.connectionCount == 3)
        await eventually("none stays open") { peer.openCount == 0 }
        for _ in 1...3 { _ = try await client.fetch(FetchRequest(2, of: peer)) }
        #expect(peer.connectionCount == 4)
        #expect(peer.openCount == 1)
    }

    @Test func `300 keys keep their connections over many batches`() async throws {
        raiseFileLimit()
        let count = 300
        let client = try CurlClient(limits: .small(kept: count))
        let peers = try (0..<count)
            .map { try ScriptedPeer(.answer(response(body: "1")), on: "127.1.0.\($0 % 250 + 1)") }
        defer { for peer in peers { peer.stop() } }
        for _ in 1...5 {
            let results = try await client.fetch(
                peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
            )
            #expect(results.values.allSatisfy { $0.words == "document 200, 1 bytes" })
        }
        #expect(peers.allSatisfy { $0.connectionCount == 1 })
    }

    @Test func `no fetch fails because the peer closed an idle connection`() async throws {
        let client = try CurlClient(limits: .small())
        let peers = try (0..<100).map { _ in try ScriptedPeer(.answer(response(body: "1"))) }
        defer { for peer in peers { peer.stop() } }
        let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
        for round in 1...3 {
            let results = try await client.fetch(requests)
            #expect(results.values.allSatisfy { $0.words == "document 200, 1 bytes" })
            #expect(peers.allSatisfy { $0.connectionCount == round })
            for peer in peers { peer.dropConnections() }
            await eventually("all are closed") { peers.allSatisfy { $0.openCount == 0 } }
        }
    }

    @Test func `an unsolicited response is not taken for the next one`() async throws {
        let client = try CurlClient(limits: .small())
        let twice = response(body: "1") + response(body: "22")
        let peer = try ScriptedPeer(.answer(twice))
        defer { peer.stop() }
        for _ in 1...5 {
            #expect(
                try await client.fetch(FetchRequest(0, of: peer)).words == "document 200, 1 bytes"
            )
        }
    }
}
