import CurlClient
import Synchronization
import TestSupport
import Testing
import Timing

/// `start` and `collect`: each fetch has one result, waits end in time, and no state is left.
@Suite struct CollectTests {
    @Test func `each of 1,000 concurrent fetches, good or bad, has exactly one result`()
        async throws
    {
        raiseFileLimit()
        let client = try CurlClient(limits: .small(kept: 500))
        let scripts: [(script: Script, words: String)] = [
            (.answer(response(body: "12")), "document 200, 2 bytes"),
            (.answerThenClose(response(body: "123")), "document 200, 3 bytes"),
            (.reset, "connectionLost in firstByte"),
            (.closeAtOnce, "connectionLost in firstByte"),
            (.answer(response(503, body: "busy")), "status in body, 503"),
            (.endlessBody, "bodyTooLarge in body, 200"),
            (.answerThenClose(Array("nonsense".utf8)), "badHTTP in body"),
        ]
        let peers = try scripts.map { try ScriptedPeer($0.script) }
        defer { for peer in peers { peer.stop() } }
        let refusing = try freePort(on: "127.99.0.1")
        let requests = (0..<1000)
            .map { key in
                key % 8 < 7
                    ? FetchRequest(key, of: peers[key % 8], timeout: .seconds(20))
                    : FetchRequest(
                        key: key,
                        at: "http://127.99.0.1:\(refusing)",
                        timeout: .seconds(20)
                    )
            }
        for _ in 1...2 {
            for (key, result) in try await client.fetch(requests) {
                let words = key % 8 < 7 ? scripts[key % 8].words : "connectRefused in connect"
                // Under this load a close may arrive as a reset, and a reset as a close.
                #expect(
                    result.words == words
                        || (result.words.hasPrefix("connectionLost")
                            && words.hasPrefix("connectionLost")),
                    "key \(key)"
                )
            }
            #expect(await client.inFlight == 0)
        }
    }

    @Test func `collect waits until the given time, with and without a fetch in flight`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        for requests in [[], [FetchRequest(0, of: peer)]] {
            let until = soon(.milliseconds(100))
            await client.start(requests)
            #expect(await client.collect(until: until).isEmpty)
            #expect(SystemClock.now >= until)
            #expect(SystemClock.now < until + .seconds(2))
        }
        #expect(await client.collect(until: .distantPast).isEmpty)
        #expect(await client.inFlight == 1)
    }

    @Test func `a cancelled collect returns at once, and a later one returns the result`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let mayAnswer = Atomic(false)
        let peer = try ScriptedPeer(
            Script { connection in
                _ = connection.nextRequest()
                while !mayAnswer.load(ordering: .relaxed) {
                    guard connection.pause(.milliseconds(10)) else { return }
                }
                connection.send(response(body: "late"))
            }
        )
        defer { peer.stop() }
        let start = SystemClock.now
        let task = Task {
            await client.start([FetchRequest(7, of: peer, timeout: .seconds(60))])
            return await client.collect(until: soon(.seconds(60)))
        }
        await eventually("it is in flight") { await client.inFlight == 1 }
        task.cancel()
        #expect(await task.value.isEmpty)
        #expect(SystemClock.now - start < .seconds(30))
        mayAnswer.store(true, ordering: .relaxed)
        let results = await client.collect(until: soon(.seconds(40)))
        #expect(results.map(\.words) == ["document 200, 4 bytes"])
        #expect(results.map(\.key) == [7])
    }

    @Test func `collect returns at once if its task is already cancelled`() async throws {
        let client = try CurlClient(limits: .small())
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await client.collect(until: soon(.seconds(60))).count
        }
        #expect(await task.value == 0)
        // The next call waits as usual.
        let until = soon(.milliseconds(100))
        _ = await client.collect(until: until)
        #expect(SystemClock.now >= until)
    }

    @Test func `other jobs run and responses are read even if collect never waits`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        let words = Mutex<[String]>([])
        let hurrying = Task {
            await client.host { client in
                client.start([FetchRequest(0, of: peer)])
                while !Task.isCancelled {
                    let ended = await client.collect(until: .distantPast)
                    words.withLock { $0 += ended.map(\.words) }
                }
            }
        }
        await eventually("its fetch has ended") { words.withLock { !$0.isEmpty } }
        #expect(await client.inFlight == 0)
        await client.interrupt()
        hurrying.cancel()
        await hurrying.value
        #expect(words.withLock(\.self) == ["document 200, 1 bytes"])
    }

    @Test func `freeing a client cancels its fetches and closes all its connections`()
        async throws
    {
        let peer = try ScriptedPeer(.silence)
        let slow = try ScriptedPeer(.answer(response(body: "1")))
        defer {
            peer.stop()
            slow.stop()
        }
        weak var dropped: CurlClient?
        for _ in 1...20 {
            let client = try CurlClient(limits: .small())
            dropped = client
            _ = try await client.fetch(FetchRequest(0, of: slow))
            await client.start((0..<10).map { FetchRequest($0, of: peer, timeout: .seconds(60)) })
            _ = await client.collect(until: soon(.milliseconds(1)))
            #expect(await client.inFlight == 10)
        }
        await eventually("the last client is freed") { dropped == nil }
        await eventually("all connections are closed") {
            peer.openCount == 0 && slow.openCount == 0
        }
    }
}
