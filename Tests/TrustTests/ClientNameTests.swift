import Testing

@testable import Trust

/// Accepted names, and the names of certificates that match them.
@Suite struct ClientNameTests {
    @Test(
        arguments: [
            "n1.example", "localhost", "*.example", "*.a.example", "a_b.example", "10.0.0.1", "::1",
            "spiffe://nova/n1", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "1.example",
        ]
    )
    func `a valid name is shown as it was written`(text: String) {
        #expect(ClientName(text)?.description == text)
    }

    @Test func `hosts are lower case, and addresses have one spelling`() {
        #expect(ClientName("N1.Example") == ClientName("n1.example"))
        #expect(ClientName("*.Example") == ClientName("*.example"))
        #expect(ClientName("0:0::0001") == ClientName("::1"))
    }

    @Test(
        arguments: [
            "", "*", "*.", "*example", "a.*.example", "**.example", "a..example", ".example",
            "a b.example", "a,b", "ä.example", "a/b", ":x", "1:x", "spiffe:", "fe80::1%eth0",
            "http ://x", "a\u{0}b", String(repeating: "a", count: 64),
            "x:" + String(repeating: "a", count: 1_024),
        ]
    )
    func `an invalid name is refused`(text: String) {
        #expect(ClientName(text) == nil)
    }

    @Test(
        arguments: [
            ("n1.example", .host("n1.example"), true), ("n1.example", .host("N1.EXAMPLE"), true),
            ("n1.example", .host("n2.example"), false), ("n1.example", .host("n1.example."), false),
            ("n1.example", .host("*.example"), false), ("n1.example", .uri("n1.example"), false),
            ("*.example", .host("n1.example"), true), ("*.example", .host("N1.Example"), true),
            ("*.example", .host("example"), false), ("*.example", .host(".example"), false),
            ("*.example", .host("a.b.example"), false), ("*.example", .host("*.example"), false),
            ("*.example", .host("n1.example.org"), false), ("*.example", .host("nexample"), false),
            ("10.0.0.1", .address([10, 0, 0, 1]), true),
            ("10.0.0.1", .address([10, 0, 0, 2]), false), ("10.0.0.1", .host("10.0.0.1"), false),
            ("::ffff:10.0.0.1", .address([10, 0, 0, 1]), false),
            ("spiffe://nova/n1", .uri("spiffe://nova/n1"), true),
            ("spiffe://nova/n1", .uri("spiffe://nova/N1"), false),
            ("spiffe://nova/n1", .uri("spiffe://nova/n1/x"), false),
        ] as [(String, CertificateName, Bool)]
    )
    func `a name matches its own kind only`(
        text: String,
        found: CertificateName,
        isMatch: Bool
    ) throws {
        #expect(try #require(ClientName(text)).matches(found) == isMatch)
    }
}
