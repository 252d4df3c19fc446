import CurlClient
import Glibc
import Synchronization
import TestSupport
import Testing
import Timing

/// A fetch ends by its deadline, with the phase that it was in.
@Suite struct DeadlineTests {
    private static let timeout = Duration.milliseconds(400)

    /// Expects a timeout in `phase`, not later than promised.
    private func expectTimeout(
        _ result: FetchResult?,
        in phase: FetchFailure.Phase,
        _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard let result, let failure = result.failure, case .timedOut(let wasLate) = failure.cause
        else {
            Issue.record("\(name): \(result?.words ?? "nothing")", sourceLocation: sourceLocation)
            return
        }
        #expect(failure.phase == phase, "\(name)", sourceLocation: sourceLocation)
        // libcurl counts milliseconds and may be early by less than one.
        #expect(result.times.total > 0.399, "\(name)", sourceLocation: sourceLocation)
        // If the loop was less than 50 ms late, the fetch ends at most 50 ms after its deadline.
        if !wasLate {
            #expect(result.times.total <= 0.453, "\(name)", sourceLocation: sourceLocation)
        }
    }

    @Test func `a fetch of an incomplete response ends at the deadline, in the right phase`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let slowly = Duration.milliseconds(20)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        let cases: [(name: String, script: Script, phase: FetchFailure.Phase)] = [
            ("silence", .silence, .firstByte),
            ("a status line that drips", .drip(Array(head.utf8), every: slowly), .body),
            (
                "a body that drips",
                Script { connection in
                    guard connection.nextRequest() != nil, connection.send(Array(head.utf8)) else {
                        return
                    }
                    while connection.send([32]), connection.pause(slowly) {}
                }, .body
            ),
            (
                "an interim answer and silence",
                Script { connection in
                    _ = connection.nextRequest()
                    connection.send(Array("HTTP/1.1 102 Wait\r\n\r\n".utf8))
                    _ = connection.pause(.seconds(60))
                }, .body
            ),
        ]
        let peers = try cases.map { try ScriptedPeer($0.script) }
        defer { for peer in peers { peer.stop() } }
        let results = try await client.fetch(
            peers.enumerated()
                .map { FetchRequest($0.offset, of: $0.element, timeout: Self.timeout) }
        )
        for (key, testCase) in cases.enumerated() {
            expectTimeout(results[key], in: testCase.phase, testCase.name)
        }
    }

    @Test func `a TLS handshake without an answer ends in phase tls`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        let url = "https://127.0.0.1:\(peer.port)"
        let result = try await client.fetch(FetchRequest(key: 0, at: url, timeout: Self.timeout))
        expectTimeout(result, in: .tls, "half a handshake")
    }

    @Test func `a connection that is never accepted ends in phase connect`() async throws {
        // A full backlog drops new connections like a firewall.
        let listener = try Socket.listening(on: "127.0.0.1", backlog: 0)
        defer { listener.close() }
        let url = "http://127.0.0.1:\(listener.port)"
        let client = try CurlClient(limits: .small())
        let results = try await client.fetch(
            (0..<8).map { FetchRequest(key: $0, at: url, timeout: Self.timeout) }
        )
        let inConnect = results.values.filter { $0.failure?.phase == .connect }
        #expect(inConnect.count >= 4)
        for result in inConnect { expectTimeout(result, in: .connect, "a dropped connection") }
    }

    @Test func `slow peers do not delay fast ones`() async throws {
        raiseFileLimit()
        let client = try CurlClient(limits: .small())
        let silent = try ScriptedPeer(.silence)
        let good = try ScriptedPeer(.answer(response(body: "1")))
        defer {
            silent.stop()
            good.stop()
        }
        let slow = (0..<200).map { FetchRequest($0, of: silent, timeout: .seconds(2)) }
        let fast = (200..<250).map { FetchRequest($0, of: good, timeout: .seconds(2)) }
        let results = try await client.fetch(slow + fast)
        for request in fast {
            #expect(results[request.key]?.words == "document 200, 1 bytes")
        }
        for request in slow {
            #expect(results[request.key]?.failure?.phase == .firstByte)
        }
    }

    @Test func `a loop without delays does not count as late`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.silence)
        defer { peer.stop() }
        // A busy machine may delay some of them, but not all.
        var causes: Set<FetchFailure.Cause> = []
        for _ in 1...10 where !causes.contains(.timedOut(loopWasLate: false)) {
            let result = try await client.fetch(
                FetchRequest(0, of: peer, timeout: .milliseconds(50))
            )
            if let cause = result.failure?.cause { causes.insert(cause) }
        }
        #expect(causes.contains(.timedOut(loopWasLate: false)))
    }

    @Test func `a timeout found by a late call of start is not blamed on the peer`() async throws {
        let client = try CurlClient(limits: .small())
        let silent = try ScriptedPeer(.silence)
        let good = try ScriptedPeer(.answer(response(body: "1")))
        defer {
            silent.stop()
            good.stop()
        }
        let ended = Mutex<[Int: FetchResult]>([:])
        await client.host { client in
            client.start([FetchRequest(0, of: silent, timeout: .milliseconds(50))])
            _ = await client.collect(until: soon(.milliseconds(10)))
            // Blocks the client's thread.
            usleep(200_000)
            client.start([FetchRequest(1, of: good)])
            let end = soon(.seconds(40))
            while ended.withLock({ $0.count }) < 2, SystemClock.now < end {
                let results = await client.collect(until: end)
                ended.withLock { ended in
                    for result in results { ended[result.key] = result }
                }
            }
        }
        let results = ended.withLock(\.self)
        #expect(results[0]?.failure?.cause == .timedOut(loopWasLate: true))
        #expect(results[1]?.words == "document 200, 1 bytes")
    }

    @Test(arguments: [20, 60, 400])
    func `a fetch during which the loop was late does not measure its server's latency`(
        milliseconds: Int
    )
        async throws
    {
        let client = try CurlClient(limits: .small())
        let slow = try ScriptedPeer(
            Script { connection in
                while connection.nextRequest() != nil {
                    guard connection.pause(.milliseconds(100)),
                        connection.send(response(body: "1"))
                    else { return }
                }
            }
        )
        defer { slow.stop() }
        let late = Mutex<[Bool]>([])
        await client.host { client in
            for pause in [0, milliseconds] {
                client.start([FetchRequest(0, of: slow)])
                _ = await client.collect(until: soon(.milliseconds(30)))
                usleep(UInt32(pause) * 1000)
                let results = await client.collect(until: soon(.seconds(10)))
                late.withLock { $0 += results.map(\.loopWasLate) }
            }
        }
        // A busy machine may delay the first one too.
        #expect(late.withLock(\.self).count == 2)
        #expect(late.withLock { $0.last } == true)
    }

    @Test func `with a timeout of 100 ms, a pause of 30 ms excuses a fetch that times out`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let silent = try ScriptedPeer(.silence)
        defer { silent.stop() }
        let ended = Mutex<[FetchResult]>([])
        await client.host { client in
            client.start([FetchRequest(0, of: silent, timeout: .milliseconds(100))])
            _ = await client.collect(until: soon(.milliseconds(20)))
            usleep(30_000)
            let results = await client.collect(until: soon(.seconds(10)))
            ended.withLock { $0 = results }
        }
        #expect(ended.withLock { $0.first?.failure?.cause } == .timedOut(loopWasLate: true))
    }
}
