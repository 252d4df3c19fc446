import ClientTLS
import CurlClient
import TestSupport
import Testing

/// Changes of the trusted and of the own certificates while a client runs.
@Suite struct RotationTests {
    /// Keys of three multi handles.
    private static let keys = [0, 100, 1_000]

    private let authority: TestAuthority
    private let others: TestAuthority
    private let server: TLSServer
    private let tls: TLSOptions

    init() async throws {
        authority = try await TestAuthority()
        others = try await TestAuthority(named: "other")
        server = try await TLSServer(
            authority.sign("good", names: "IP:127.0.0.1"),
            clientAuthority: authority.certificate
        )
        tls = try TLSOptions(
            trusting: authority.certificate,
            presenting: await authority.sign("first", names: "DNS:a")
        )
    }

    /// Fetches once for each key; returns the outcomes and whether each made a handshake.
    private func fetchAll(
        _ client: CurlClient
    ) async throws -> (words: Set<String>, handshakes: [Bool]) {
        let requests = Self.keys.map { FetchRequest(key: $0, at: server.url) }
        let results = try await client.fetch(requests)
        let all = try Self.keys.map { try #require(results[$0]) }
        return (Set(all.map(\.words)), all.map { $0.times.tls > 0 })
    }

    @Test func `changed certificates close the kept connections of every multi handle`()
        async throws
    {
        let client = try CurlClient(limits: .small(kept: 2_000, tls: tls))
        let good: Set = ["document 200, 2 bytes"]
        var second = tls
        second.certificate = try TLSOptions(
            trusting: authority.certificate,
            presenting: await authority.sign("second", names: "DNS:a")
        )
        .certificate
        var authorities = second
        let both = try contents(of: authority.certificate) + contents(of: others.certificate)
        authorities.authorities = try TrustStore(trusting: both)
        for options in [tls, second, authorities] {
            await client.setLimits(.small(kept: 2_000, tls: options))
            #expect(try await fetchAll(client) == (good, [true, true, true]))
            #expect(try await fetchAll(client) == (good, [false, false, false]))
            // Other objects with the same contents change nothing.
            var same = options
            let bytes = options == authorities ? both : try contents(of: authority.certificate)
            same.authorities = try TrustStore(trusting: bytes)
            await client.setLimits(.small(kept: 2_000, tls: same))
            #expect(try await fetchAll(client) == (good, [false, false, false]))
        }
        // The new authorities are in force everywhere, although each multi handle knew the old.
        var strangers = authorities
        strangers.authorities = try TrustStore(trusting: contents(of: others.certificate))
        await client.setLimits(.small(kept: 2_000, tls: strangers))
        #expect(try await fetchAll(client).words == ["certificateUntrusted in tls"])
        // A former state is in force again too.
        await client.setLimits(.small(kept: 2_000, tls: tls))
        #expect(try await fetchAll(client) == (good, [true, true, true]))
    }

    @Test func `a TLS connection to an address is renewed in time, because certificates change`()
        async throws
    {
        var limits = FetchLimits.small(tls: tls)
        limits.secureConnectionLife = .seconds(1)
        let client = try CurlClient(limits: limits)
        let request = FetchRequest(key: 0, at: server.url)
        #expect(try await client.fetch(request).times.tls > 0)
        #expect(try await client.fetch(request).times.tls == 0)
        try await eventually("a fetch makes a second handshake") {
            try await client.fetch(request).times.tls > 0
        }
    }

    @Test func `a fetch in flight continues, and its connection is closed after it`()
        async throws
    {
        let client = try CurlClient(limits: .small(tls: tls))
        // On a kept connection.
        _ = try await client.fetch(FetchRequest(key: 0, at: server.url))
        await client.start([FetchRequest(key: 0, at: server.url + "/held", timeout: .seconds(30))])
        try await server.holdsRequest()
        var strangers = tls
        strangers.authorities = try TrustStore(trusting: contents(of: others.certificate))
        await client.setLimits(.small(tls: strangers))
        let blocked = try await client.fetch([FetchRequest(key: 1, at: server.url)])
        #expect(blocked[1]?.words == "certificateUntrusted in tls")
        let helper = try CurlClient(limits: .small(tls: tls))
        _ = try await helper.fetch(FetchRequest(key: 0, at: server.url + "/release"))
        var held: FetchResult?
        await eventually("the fetch in flight ends") {
            held = await client.collect(until: soon(.seconds(1))).first
            return held != nil
        }
        #expect(held?.words == "document 200, 2 bytes")
        #expect(held?.times.tls == 0)
        let next = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(next.words == "certificateUntrusted in tls", "\(next.failure?.detail ?? "")")
    }
}
