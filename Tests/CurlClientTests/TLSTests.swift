import ClientTLS
import CurlClient
import TestSupport
import Testing

/// `https`: trust and failures.
@Suite struct TLSTests {
    private func fetch(_ url: String, trusting caFile: String?) async throws -> FetchResult {
        let tls = try caFile.map { try TLSOptions(trusting: $0) } ?? TLSOptions()
        let client = try CurlClient(limits: .small(tls: tls))
        return try await client.fetch(FetchRequest(key: 0, at: url))
    }

    @Test func `a server with a certificate of the trusted CA is pulled over one connection`()
        async throws
    {
        let authority = try await TestAuthority()
        let server = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let client = try CurlClient(
            limits: .small(tls: TLSOptions(trusting: authority.certificate))
        )
        let first = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(first.words == "document 200, 2 bytes")
        #expect(0 < first.times.connect && first.times.connect < first.times.tls)
        #expect(first.times.tls <= first.times.firstByte)
        let second = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(second.words == "document 200, 2 bytes")
        #expect(second.times.tls == 0)
    }

    @Test func `a certificate for a name is valid if the URL contains the name`() async throws {
        let authority = try await TestAuthority()
        let server = try await TLSServer(authority.sign("named", names: "DNS:localhost"))
        let client = try CurlClient(
            limits: .small(tls: TLSOptions(trusting: authority.certificate))
        )
        var request = FetchRequest(key: 0, of: "localhost", port: server.port)
        request.url = "https://localhost:\(server.port)/document"
        #expect(try await client.fetch(request).words == "document 200, 2 bytes")
        // The certificate is not valid for the address.
        #expect(
            try await client.fetch(FetchRequest(key: 1, at: server.url)).words == "tlsFailed in tls"
        )
    }

    @Test func `an untrusted server is rejected, with the reason and what to do`() async throws {
        let authority = try await TestAuthority()
        let namesake = try await TestAuthority()
        let other = try await TestAuthority(named: "other")
        let good = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let expired = try await TLSServer(
            authority.sign("expired", names: "IP:127.0.0.1", validity: .past)
        )
        let elsewhere = try await TLSServer(authority.sign("else", names: "IP:127.0.0.2"))
        let untrusted = "no trusted authority signed the certificate of the server: "
        let cases = [
            (good.url, other.certificate, "certificateUntrusted", untrusted),
            (good.url, namesake.certificate, "certificateUntrusted", untrusted),
            (good.url, nil, "certificateUntrusted", untrusted),
            (expired.url, authority.certificate, "tlsFailed", "has expired; renew the certificate"),
            (elsewhere.url, authority.certificate, "tlsFailed", "'127.0.0.1'; the URL must have"),
        ]
        for (url, authority, cause, detail) in cases {
            let result = try await fetch(url, trusting: authority)
            #expect(result.words == "\(cause) in tls", "\(detail)")
            let found = result.failure?.detail ?? ""
            #expect(found.contains(detail), "\(found)")
        }
    }

    @Test func `the end of an idle connection is not the reason of the next failure`() async throws
    {
        let authority = try await TestAuthority()
        var server: TLSServer? = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let (url, port) = try #require(server.map { ($0.url, $0.port) })
        let tls = try TLSOptions(trusting: authority.certificate)
        let client = try CurlClient(limits: .small(tls: tls))
        let first = try await client.fetch(FetchRequest(key: 0, at: url))
        #expect(first.words == "document 200, 2 bytes")
        server = nil
        await eventually("nothing listens") {
            (try? Socket.connected(to: "127.0.0.1", port: port)) == nil
        }
        // The client notices the end of the connection.
        _ = await client.collect(until: soon(.milliseconds(60)))
        let second = try await client.fetch(FetchRequest(key: 0, at: url))
        #expect(second.words == "connectRefused in connect")
        let detail = second.failure?.detail ?? ""
        #expect(detail.hasSuffix("Connection refused") && !detail.contains("Send"), "\(detail)")
    }

    @Test func `TLS and plain HTTP do not mix`() async throws {
        let authority = try await TestAuthority()
        let server = try await TLSServer(authority.sign("good", names: "IP:127.0.0.1"))
        let plain = try await fetch("http://127.0.0.1:\(server.port)", trusting: nil)
        #expect(["connectionLost in firstByte", "badHTTP in body"].contains(plain.words))
        #expect(
            plain.failure?.cause == .badHTTP
                || plain.failure?.detail.hasSuffix("must begin with https://") == true
        )
        let peer = try ScriptedPeer(.answerThenClose(response(body: "1")))
        let speaking = try ScriptedPeer(Script { $0.send(response(body: "1")) })
        let closing = try ScriptedPeer(.closeAtOnce)
        defer { for peer in [peer, speaking, closing] { peer.stop() } }
        for peer in [speaking, closing] {
            let result = try await fetch("https://127.0.0.1:\(peer.port)", trusting: nil)
            #expect(result.words == "tlsFailed in tls")
            #expect(result.failure?.detail.hasSuffix("must begin with http://") == true)
        }
    }

    @Test func `a server that floods a handshake fails at once and does not keep the thread`()
        async throws
    {
        let authority = try await TestAuthority()
        // A record of hello requests, which OpenSSL skips while it waits for a hello.
        let record = [22, 3, 3, 0x3f, 0xfc] + [UInt8](repeating: 0, count: 0x3ffc)
        let flood = try ScriptedPeer(Script { while $0.send(record) {} })
        defer { flood.stop() }
        let url = "https://127.0.0.1:\(flood.port)/"
        #expect(try await fetch(url, trusting: authority.certificate).words == "tlsFailed in tls")
    }
}
