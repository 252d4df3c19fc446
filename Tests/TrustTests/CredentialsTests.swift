import TestSupport
import Testing

@testable import Trust

/// `Authorization` headers, and the decision with and without a certificate.
@Suite struct CredentialsTests {
    private static let token = "abcdefghijklmnop"

    @Test(
        arguments: [
            ([], .none), ([""], .none), ([" "], .none), (["Bearer"], .none), (["Bearer "], .none),
            (["Basic \(token)"], .none), ([token], .none), (["Bearer\(token)"], .none),
            (["Bearer \(token)"], .bearer(token)), (["bearer \t\(token) "], .bearer(token)),
            (["BEARER a b"], .bearer("a b")), (["Bearer \(token),x"], .bearer("\(token),x")),
            (["Bearer \(token)", "Bearer \(token)"], .ambiguous), (["", ""], .ambiguous),
            (["Basic x", "Bearer \(token)"], .ambiguous),
        ] as [([String], Credentials)]
    )
    func `only one header with the scheme Bearer has a token`(
        headers: [String],
        credentials: Credentials
    ) {
        #expect(Credentials(headers) == credentials)
    }

    private static func trust() throws -> ClientTrust {
        var trust = ClientTrust()
        trust.tokens = AcceptedTokens(try TokenFile(parsing: Array(token.utf8)))
        return trust
    }

    @Test func `without authorities and tokens every request is accepted`() {
        let open = ClientTrust()
        #expect(!open.isRequired)
        for credentials in [Credentials.none, .bearer("x"), .ambiguous] {
            #expect(open.refusal(of: .absent, with: credentials) == nil)
        }
    }

    @Test func `an accepted certificate is enough, whatever the token is`() throws {
        let trust = try Self.trust()
        for credentials in [Credentials.none, .bearer("x"), .bearer(Self.token), .ambiguous] {
            #expect(trust.refusal(of: .accepted, with: credentials) == nil)
        }
    }

    @Test func `an accepted token is enough, whatever the certificate is`() throws {
        let trust = try Self.trust()
        for certificate in [CertificateVerdict.absent, .untrusted("a"), .nameNotAllowed("b")] {
            #expect(trust.refusal(of: certificate, with: .bearer(Self.token)) == nil)
        }
    }

    @Test(
        arguments: [
            (.absent, .none, .noCredentials), (.absent, .bearer("x"), .wrongToken),
            (.absent, .ambiguous, .wrongToken), (.untrusted("a"), .none, .untrustedCertificate),
            (.nameNotAllowed("b"), .none, .nameNotAllowed),
            (.untrusted("a"), .bearer("x"), .wrongToken),
            (.nameNotAllowed("b"), .ambiguous, .wrongToken),
        ] as [(CertificateVerdict, Credentials, Refusal.Cause)]
    )
    func `everything else is refused with a cause`(
        certificate: CertificateVerdict,
        credentials: Credentials,
        cause: Refusal.Cause
    ) throws {
        #expect(try Self.trust().refusal(of: certificate, with: credentials)?.cause == cause)
    }

    @Test func `random headers never pass and never trap`() throws {
        let trust = try Self.trust()
        var generator = SeededGenerator(seed: 7)
        let pieces = ["Bearer", "bearer", " ", "\t", Self.token, "=", "é", "\u{0}", "Basic", ","]
        for _ in 0..<20_000 {
            let headers = (0..<Int.random(in: 0...2, using: &generator))
                .map { _ in
                    (0..<Int.random(in: 0...5, using: &generator))
                        .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
                }
            guard trust.refusal(of: .absent, with: Credentials(headers)) == nil else { continue }
            // Accepted: exactly one header, the scheme, blanks, the token, blanks.
            let words = headers[0].split { $0 == " " || $0 == "\t" }.map(String.init)
            #expect(headers.count == 1 && words.count == 2, "\(headers)")
            #expect(words.first?.lowercased() == "bearer" && words.last == Self.token)
        }
    }

    @Test func `random files of tokens never trap, and give valid tokens only`() {
        var generator = SeededGenerator(seed: 11)
        let bytes = Array("aZ9-=# \t\r\n\u{0}é".utf8)
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...60, using: &generator))
                .map { _ in bytes[Int.random(in: bytes.indices, using: &generator)] }
            guard let file = try? TokenFile(parsing: text) else { continue }
            #expect(!file.tokens.isEmpty)
            #expect(file.tokens.allSatisfy { BearerToken.lengths.contains($0.text.utf8.count) })
        }
    }
}
