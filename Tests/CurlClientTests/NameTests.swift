import CurlClient
import TestSupport
import Testing

/// Host names, which are looked up outside libcurl.
@Suite struct NameTests {
    @Test
    func `a connection to a name has a maximum age, because the name may move`() async throws {
        let peer = try ScriptedPeer(.answer(response(body: "{}"), count: .max))
        var limits = FetchLimits.small()
        limits.namedConnectionLife = .seconds(1)
        let client = try CurlClient(limits: limits)
        let request = FetchRequest(key: 0, of: "localhost", port: peer.port)
        _ = try await client.fetch(request)
        _ = try await client.fetch(request)
        #expect(peer.connectionCount == 1)
        try await Task.sleep(for: .seconds(2.2))
        _ = try await client.fetch(request)
        #expect(peer.connectionCount == 2)
    }

    @Test func `a name is looked up once, and its address has an age`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        let first = try await client.fetch(FetchRequest(key: 0, of: "localhost", port: peer.port))
        #expect(first.words == "document 200, 1 bytes")
        #expect(first.times.dns > 0)
        #expect(first.times.dns <= first.times.connect)
        let age = try #require(first.times.addressAge)
        try await Task.sleep(for: .milliseconds(50))
        let second = try await client.fetch(FetchRequest(key: 0, of: "localhost", port: peer.port))
        #expect(second.words == "document 200, 1 bytes")
        #expect(second.times.dns < 0.001)
        #expect(try #require(second.times.addressAge) >= age + 0.05)
        #expect(peer.connectionCount == 1)
        #expect(
            peer.requests.map { $0.header("host") }.allSatisfy { $0 == "localhost:\(peer.port)" }
        )
    }

    @Test func `an address is not looked up, and has no age`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        let result = try await client.fetch(FetchRequest(0, of: peer))
        #expect(result.times.dns == 0)
        #expect(result.times.addressAge == nil)
    }

    @Test func `a URL may contain an IPv6 address`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")), on: "::1")
        defer { peer.stop() }
        let result = try await client.fetch(FetchRequest(key: 0, at: "http://[::1]:\(peer.port)"))
        #expect(result.words == "document 200, 1 bytes")
    }

    @Test func `all fetches that wait for a name get its answer`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        let results = try await client.fetch(
            (0..<100).map { FetchRequest(key: $0, of: "localhost", port: peer.port) }
        )
        #expect(results.values.allSatisfy { $0.words == "document 200, 1 bytes" })
    }

    @Test func `names that do not exist fail in phase dns and delay no other fetch`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        let bad = (0..<40)
            .map {
                FetchRequest(key: $0, of: "nowhere-\($0).invalid", port: 80, timeout: .seconds(1))
            }
        let empty = FetchRequest(key: 40, of: "a..b", port: 80, timeout: .seconds(1))
        let good = FetchRequest(41, of: peer)
        for _ in 1...2 {
            let results = try await client.fetch(bad + [empty, good])
            #expect(results[41]?.words == "document 200, 1 bytes")
            for (key, result) in results where key != 41 {
                // Without an answer in time it is a timeout in the same phase.
                switch result.failure?.cause {
                case .nameNotFound, .timedOut: #expect(result.failure?.phase == .dns)
                default: Issue.record("key \(key): \(result.words)")
                }
                #expect(result.failure?.detail.isEmpty == false)
            }
        }
    }
}
