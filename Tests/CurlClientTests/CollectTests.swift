import CurlClient
import Synchronization
import TestSupport
import Testing

/// `start` and `collect`: each GET comes back once, nobody waits too long, nothing is left behind.
@Suite struct CollectTests {
    @Test func `of 1,000 GETs at once, good and bad, each comes back exactly once`() async throws {
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
            for (key, got) in try await client.fetch(requests) {
                let words = key % 8 < 7 ? scripts[key % 8].words : "connectRefused in connect"
                // Under such a load a close may reach us as the reset it then is, and the reverse.
                #expect(
                    got.words == words
                        || (got.words.hasPrefix("connectionLost")
                            && words.hasPrefix("connectionLost")),
                    "key \(key)"
                )
            }
            #expect(await client.inFlight == 0)
        }
    }

    @Test func `the time to wait until is kept, with nothing and with something under way`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        for requests in [[], [FetchRequest(0, of: peer)]] {
            let until = soon(.milliseconds(100))
            await client.start(requests)
            #expect(await client.collect(until: until).isEmpty)
            #expect(CurlClient.now() >= until)
            #expect(CurlClient.now() < until + 2_000_000_000)
        }
        #expect(await client.collect(until: 0).isEmpty)
        #expect(await client.inFlight == 1)
    }

    @Test func `a cancelled collect returns at once, and its GET comes with a later one`()
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
        let start = CurlClient.now()
        let task = Task {
            await client.start([FetchRequest(7, of: peer, timeout: .seconds(60))])
            return await client.collect(until: soon(.seconds(60)))
        }
        await eventually("it is under way") { await client.inFlight == 1 }
        task.cancel()
        #expect(await task.value.isEmpty)
        #expect(CurlClient.now() - start < 30_000_000_000)
        mayAnswer.store(true, ordering: .relaxed)
        let got = await client.collect(until: soon(.seconds(40)))
        #expect(got.map(\.words) == ["document 200, 4 bytes"])
        #expect(got.map(\.key) == [7])
    }

    @Test func `a task that is cancelled already waits for nothing`() async throws {
        let client = try CurlClient(limits: .small())
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await client.collect(until: soon(.seconds(60))).count
        }
        #expect(await task.value == 0)
        // The next caller is not disturbed by it.
        let until = soon(.milliseconds(100))
        _ = await client.collect(until: until)
        #expect(CurlClient.now() >= until)
    }

    @Test func `others get their turn, and answers are read, though nobody ever waits`()
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
                    let ended = await client.collect(until: 0)
                    words.withLock { $0 += ended.map(\.words) }
                }
            }
        }
        await eventually("its GET has ended") { words.withLock { !$0.isEmpty } }
        #expect(await client.inFlight == 0)
        await client.interrupt()
        hurrying.cancel()
        await hurrying.value
        #expect(words.withLock(\.self) == ["document 200, 1 bytes"])
    }

    @Test func `a client that is dropped cuts off what is under way and leaves nothing`()
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
        await eventually("the last of them is gone") { dropped == nil }
        await eventually("all connections are closed") {
            peer.openCount == 0 && slow.openCount == 0
        }
    }
}
