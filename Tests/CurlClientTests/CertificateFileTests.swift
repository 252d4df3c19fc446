import CertificateReader
import ClientTLS
import CurlClient
import Foundation
import TestSupport
import Testing

/// Compares `CertificateFile` with libcurl, which uses the same file with a real server.
@Suite struct CertificateFileTests {
    private let folder: TemporaryDirectory
    private let authority: TestAuthority

    init() async throws {
        folder = try TemporaryDirectory()
        authority = try await TestAuthority()
    }

    private func openssl(_ arguments: [String]) async throws {
        let finished = try await run(tool(named: "openssl", package: "openssl"), arguments)
        #expect(finished.ending == .exit(0), "\(arguments): \(finished.log)")
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// A self-signed certificate and its key.
    private func selfSigned(
        _ name: String,
        isAuthority: Bool,
        days: Int = 2
    ) async throws -> TestAuthority.Pair {
        let (key, request) = (folder.file("\(name).key"), folder.file("\(name).csr"))
        let (extensions, path) = (folder.file("\(name).ext"), folder.file("\(name).pem"))
        try folder.overwrite(
            "\(name).ext",
            with: "basicConstraints=CA:\(isAuthority ? "TRUE" : "FALSE")\n"
                + "subjectAltName=IP:127.0.0.1\n"
        )
        try await openssl([
            "req", "-new", "-subj", "/CN=\(name)", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request,
        ])
        try await openssl([
            "x509", "-req", "-in", request, "-signkey", key, "-days", "\(days)", "-extfile",
            extensions, "-out", path,
        ])
        return TestAuthority.Pair(certificate: path, key: key)
    }

    /// The text of a certificate with trust settings.
    private func trusting(_ certificate: String, _ settings: String...) async throws -> String {
        let path = folder.file("trusting.pem")
        try await openssl(["x509", "-in", certificate, "-trustout", "-out", path] + settings)
        return try text(path)
    }

    /// The reader's verdict on a file: its problems or its fault, and whether it is usable.
    private func verdict(_ path: String) throws -> (isUsable: Bool, words: String) {
        let bytes = try contents(of: path)
        do throws(CertificateFault) {
            let file = try CertificateFile(parsing: bytes)
            let words = file.certificates.map { certificate in
                "\(certificate.subject) \(certificate.problems.map(\.description))"
            }
            return (file.isUsable, words.joined(separator: ", "))
        } catch {
            return (false, error.description)
        }
    }

    /// Whether libcurl pulls from a server with such a file.
    private func isPulled(_ server: TLSServer, trusting path: String) async throws -> Bool {
        let tls: TLSOptions
        do {
            tls = try TLSOptions(trusting: path)
        } catch is OpenSSLRefusal {
            return false
        }
        let client = try CurlClient(limits: .small(tls: tls))
        let result = try await client.fetch(FetchRequest(key: 0, at: server.url))
        return result.words == "document 200, 2 bytes"
    }

    @Test func `a file of authorities is accepted only if libcurl can pull with it`()
        async throws
    {
        let leaf = try await authority.sign("leaf", names: "IP:127.0.0.1")
        let server = try await TLSServer(leaf)
        let good = try text(authority.certificate)
        let key = try text(leaf.key)
        let broken = good.replacing("\nM", with: "\n!", maxReplacements: 1)
        let old = try await selfSigned("old", isAuthority: true, days: -1)
        let der = folder.file("der")
        try await openssl(["x509", "-in", authority.certificate, "-outform", "der", "-out", der])
        let emptyKey = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
        let cases: [(name: String, text: String, says: String, isUsable: Bool)] = [
            ("alone", good, "CN=test []", true),
            ("among text", "ours\n\n" + good + "\nand no more\n", "CN=test []", true),
            ("with CRLF", good.replacing("\n", with: "\r\n"), "CN=test []", true),
            ("beside a key", key + good, "CN=test []", true),
            ("twice", good + good, "CN=test [], CN=test []", true),
            (
                "beside an expired one", try text(old.certificate) + good, "CN=old [\"expired on",
                true
            ),
            ("the server's own", try text(leaf.certificate), "CN=leaf [\"is not a CA", true),
            ("empty", "", "contains no certificate;", false),
            ("of words", "no certificate\n", "contains no certificate;", false),
            (
                "a key", key,
                "contains no certificate, only a block of type PRIVATE KEY; allowed: a PEM file",
                false
            ),
            ("broken", broken, "block 1, at line 1, cannot be read", false),
            ("behind a good one", good + broken, "cannot be read", false),
            ("cut off", good + good.prefix(200), "cannot be read", false),
            ("without an end", String(good.dropLast(20)), "block 1, at line 1", false),
            ("behind a broken key", emptyKey + good, "block 1, at line 1", false),
            ("expired", try text(old.certificate), "CN=old [\"expired on", false),
        ]
        for (name, text, says, isUsable) in cases {
            let path = try folder.write(text, to: "case.pem")
            let verdict = try verdict(path)
            #expect(verdict.isUsable == isUsable, "\(name): \(verdict.words)")
            #expect(verdict.words.contains(says), "\(name): \(verdict.words)")
            let isPulled = try await isPulled(server, trusting: path)
            #expect(isPulled == isUsable, "\(name): libcurl \(isPulled ? "pulls" : "does not")")
        }
        #expect(try verdict(der).words.hasPrefix("is DER"))
        #expect(try await !isPulled(server, trusting: der))
        let second = try verdict(folder.write(good + broken, to: "case.pem")).words
        let lines = good.split(separator: "\n").count
        #expect(second.hasPrefix("block 2, at line \(lines + 1), cannot be read"), "\(second)")
    }

    @Test func `only trust settings that reject servers make a certificate unusable`()
        async throws
    {
        let server = try await TLSServer(authority.sign("leaf", names: "IP:127.0.0.1"))
        let good = authority.certificate
        let rejects = "has trust settings that reject it for TLS servers (serverAuth)"
        let cases: [(name: String, text: String, isUsable: Bool)] = [
            ("rejected", try await trusting(good, "-addreject", "serverAuth"), false),
            (
                "rejected for all", try await trusting(good, "-addreject", "anyExtendedKeyUsage"),
                false
            ),
            ("for clients alone", try await trusting(good, "-addtrust", "clientAuth"), false),
            ("for servers", try await trusting(good, "-addtrust", "serverAuth"), true),
            ("not for clients", try await trusting(good, "-addreject", "clientAuth"), true),
            ("without settings", try await trusting(good), true),
            (
                "before the same",
                try await trusting(good, "-addreject", "serverAuth") + text(good), false
            ),
            (
                "behind the same",
                try await text(good) + trusting(good, "-addreject", "serverAuth"), true
            ),
        ]
        for (name, text, isUsable) in cases {
            #expect(text.contains("BEGIN TRUSTED CERTIFICATE"), "\(name)")
            let path = try folder.write(text, to: "case.pem")
            let verdict = try verdict(path)
            #expect(verdict.isUsable == isUsable, "\(name): \(verdict.words)")
            #expect(verdict.words.contains(rejects) == !isUsable, "\(name): \(verdict.words)")
            let isPulled = try await isPulled(server, trusting: path)
            #expect(isPulled == isUsable, "\(name): libcurl \(isPulled ? "pulls" : "does not")")
        }
    }

    @Test(arguments: [true, false])
    func `a self-signed certificate is trusted for its own server, CA or not`(
        isAuthority: Bool
    ) async throws {
        let own = try await selfSigned("own", isAuthority: isAuthority)
        let server = try await TLSServer(own)
        let verdict = try verdict(own.certificate)
        #expect(verdict.isUsable && verdict.words.contains("is not a CA") == !isAuthority)
        #expect(try await isPulled(server, trusting: own.certificate))
    }

    @Test func `a server whose authority has expired is not pulled, and its file is unusable`()
        async throws
    {
        let old = try await selfSigned("old", isAuthority: true, days: -1)
        let server = try await TLSServer(old)
        #expect(try await !isPulled(server, trusting: old.certificate))
        #expect(try !verdict(old.certificate).isUsable)
    }

    @Test func `text that resembles certificates is refused quickly`() {
        let texts = ["-----BEGIN ", "-----BEGIN CERTIFICATE-----\n", "-", "A\n", "\0"]
        let started = ContinuousClock.now
        for text in texts {
            let bytes = Array(String(repeating: text, count: 1 << 20).utf8)
            #expect(throws: CertificateFault.self) { try CertificateFile(parsing: bytes) }
        }
        #expect(ContinuousClock.now - started < .seconds(60))
    }
}
