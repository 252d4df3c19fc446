import CurlClient
import Glibc
import TestSupport
import Testing

/// `https`: trust and failures.
@Suite struct TLSTests {
    private func fetch(_ url: String, trusting caFile: String?) async throws -> FetchResult {
        let client = try CurlClient(limits: .small(caFile: caFile))
        return try await client.fetch(FetchRequest(key: 0, at: url))
    }

    @Test func `a server with a certificate of the trusted CA is pulled over one connection`()
        async throws
    {
        let certificates = try await Certificates()
        let server = try await TLSServer(certificates.server("good", names: "IP:127.0.0.1"))
        let client = try CurlClient(limits: .small(caFile: certificates.authority))
        let first = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(first.words == "document 200, 2 bytes")
        #expect(0 < first.times.connect && first.times.connect < first.times.tls)
        #expect(first.times.tls <= first.times.firstByte)
        let second = try await client.fetch(FetchRequest(key: 0, at: server.url))
        #expect(second.words == "document 200, 2 bytes")
        #expect(second.times.tls == 0)
    }

    @Test func `a certificate for a name is valid if the URL contains the name`() async throws {
        let certificates = try await Certificates()
        let server = try await TLSServer(certificates.server("named", names: "DNS:localhost"))
        let client = try CurlClient(limits: .small(caFile: certificates.authority))
        var request = FetchRequest(key: 0, of: "localhost", port: server.port)
        request.url = "https://localhost:\(server.port)/document"
        #expect(try await client.fetch(request).words == "document 200, 2 bytes")
        // The certificate is not valid for the address.
        #expect(
            try await client.fetch(FetchRequest(key: 1, at: server.url)).words == "tlsFailed in tls"
        )
    }

    @Test func `an untrusted server is rejected`() async throws {
        let certificates = try await Certificates()
        let other = try await Certificates()
        let good = try await TLSServer(certificates.server("good", names: "IP:127.0.0.1"))
        let expired = try await TLSServer(
            certificates.server("expired", names: "IP:127.0.0.1", days: -1)
        )
        let elsewhere = try await TLSServer(certificates.server("else", names: "IP:127.0.0.2"))
        let cases = [
            (good.url, other.authority, "another authority"),
            (good.url, nil, "the system's bundle"),
            (good.url, "/nowhere/ca.pem", "a missing file"),
            (expired.url, certificates.authority, "expired"),
            (elsewhere.url, certificates.authority, "another host"),
        ]
        for (url, authority, name) in cases {
            let result = try await fetch(url, trusting: authority)
            #expect(result.words.hasPrefix("tlsFailed in "), "\(name): \(result.words)")
            #expect(result.failure?.detail.isEmpty == false)
        }
    }

    @Test(arguments: ["TLSv1_2", "TLSv1_3"])
    func `a server that requires a client certificate is reported as such`(
        version: String
    ) async throws {
        let certificates = try await Certificates()
        let server = try await TLSServer(
            certificates.server("strict", names: "IP:127.0.0.1"),
            version: version,
            clientAuthority: certificates.authority
        )
        let client = try CurlClient(limits: .small(caFile: certificates.authority))
        let alert = version == "TLSv1_3" ? "certificate required" : "handshake failure"
        for _ in 1...5 {
            let result = try await client.fetch(FetchRequest(key: 0, at: server.url))
            #expect(result.words == "tlsFailed in tls")
            // A TLS 1.3 server resets the connection right after its alert. If the reset
            // arrives before the request is sent, libcurl never reads the alert.
            let detail = try #require(result.failure?.detail)
            let isReset = version == "TLSv1_3" && detail.contains("client certificate")
            #expect(detail.contains("alert \(alert)") || isReset, "\(detail)")
        }
    }

    @Test func `replacing the CA file by a pipe blocks no fetch`()
        async throws
    {
        let certificates = try await Certificates()
        let server = try await TLSServer(certificates.server("good", names: "IP:127.0.0.1"))
        let folder = try TemporaryDirectory()
        let file = folder.file("ca.pem")
        _ = try await run("/bin/cp", [certificates.authority, file])
        let client = try CurlClient(limits: .small(caFile: file))
        _ = try await run("/bin/rm", [file])
        #expect(unsafe mkfifo(file, 0o600) == 0)
        // Keys far apart have different multi handles, each of which reads the file.
        for key in [0, 1_000] {
            let result = try await client.fetch(FetchRequest(key: key, at: server.url))
            #expect(result.words == "document 200, 2 bytes")
        }
        // After a reload with other limits the copy stays in use.
        var limits = FetchLimits.small(caFile: file)
        limits.bodyBytes = 100
        await client.setLimits(limits)
        let result = try await client.fetch(FetchRequest(key: 2_000, at: server.url))
        #expect(result.words == "document 200, 2 bytes")
    }

    @Test func `TLS and plain HTTP do not mix`() async throws {
        let certificates = try await Certificates()
        let server = try await TLSServer(certificates.server("good", names: "IP:127.0.0.1"))
        let plain = try await fetch("http://127.0.0.1:\(server.port)", trusting: nil)
        #expect(["connectionLost in firstByte", "badHTTP in body"].contains(plain.words))
        let peer = try ScriptedPeer(.answerThenClose(response(body: "1")))
        let speaking = try ScriptedPeer(Script { $0.send(response(body: "1")) })
        let closing = try ScriptedPeer(.closeAtOnce)
        defer { for peer in [peer, speaking, closing] { peer.stop() } }
        for peer in [speaking, closing] {
            let result = try await fetch("https://127.0.0.1:\(peer.port)", trusting: nil)
            #expect(result.words == "tlsFailed in tls")
        }
    }
}
