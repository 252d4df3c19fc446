import CurlClient
import TestSupport
import Testing
import Timing

/// Cancelled fetches and keys, and changed limits.
@Suite struct CancellationTests {
    @Test func `a cancelled fetch has no result, and its connection is closed`() async throws {
        let client = try CurlClient(limits: .small())
        let hung = try ScriptedPeer(.silence)
        let good = try ScriptedPeer(.answer(response(body: "1")))
        defer {
            hung.stop()
            good.stop()
        }
        let requests = (0..<100).map { FetchRequest($0, of: hung, timeout: .seconds(60)) }
        await client.start(requests)
        _ = await client.collect(until: soon(.milliseconds(50)))
        await eventually("all are connected") { hung.openCount == 100 }
        await client.cancel(Set(1..<100), names: [])
        #expect(await client.inFlight == 1)
        await eventually("one stays") { hung.openCount == 1 }
        // The keys can be reused at once.
        let results = try await client.fetch((1..<100).map { FetchRequest($0, of: good) })
        #expect(results.values.allSatisfy { $0.words == "document 200, 1 bytes" })
    }

    @Test func `a result that was not collected is cancelled too`() async throws {
        let client = try CurlClient(limits: .small())
        let good = try ScriptedPeer(.answer(response(body: "1")))
        defer { good.stop() }
        await client.start([FetchRequest(0, of: good)])
        await eventually("it has ended") { await client.inFlight == 0 }
        await client.cancel([0], names: [])
        #expect(await client.collect(until: soon(.milliseconds(20))).isEmpty)
    }

    @Test func `cancelling the last key of a handle closes its idle connections`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        _ = try await client.fetch((0..<10).map { FetchRequest($0, of: peer) })
        let open = peer.openCount
        #expect(open > 0)
        await client.cancel(Set(0..<10), names: [])
        await eventually("all are closed") { peer.openCount == 0 }
    }

    @Test func `keys that come and go leave at most one open connection per key`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peers = try (0..<40)
            .map {
                try ScriptedPeer(
                    .answer(response(body: "1")),
                    on: "127.2.0.\($0 + 1)"
                )
            }
        defer { for peer in peers { peer.stop() } }
        for first in 0..<30 {
            let requests = (0..<10).map { FetchRequest($0, of: peers[first + $0]) }
            _ = try await client.fetch(requests)
            // libcurl closes the old connections when the next transfers end.
            _ = try await client.fetch(requests)
            await eventually("ten are open") {
                peers.reduce(0) { $0 + $1.openCount } <= 10
            }
            await client.cancel(Set(1..<10), names: [])
        }
    }

    @Test func `an interruption ends the current wait or the next one`() async throws {
        let client = try CurlClient(limits: .small())
        let waiting = Task { await client.collect(until: soon(.seconds(60))) }
        await client.interrupt()
        #expect(await waiting.value.isEmpty)
    }

    @Test func `new limits apply to fetches that start later`() async throws {
        var limits = FetchLimits.small(kept: 10)
        let client = try CurlClient(limits: limits)
        let peer = try ScriptedPeer(.answer(response(body: "1234")))
        defer { peer.stop() }
        _ = try await client.fetch(FetchRequest(0, of: peer))
        limits.bodyBytes = 3
        limits.keptConnections = 0
        await client.setLimits(limits)
        let result = try await client.fetch(FetchRequest(0, of: peer))
        #expect(result.failure?.cause == .bodyTooLarge)
        await eventually("nothing is kept") { peer.openCount == 0 }
    }
}
