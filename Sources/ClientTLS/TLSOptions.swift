/// What a client trusts and presents on `https` connections.
package struct TLSOptions: Sendable {
    /// The trusted certificates; nil means the system's bundle.
    package var authorities: TrustStore?
    /// Presented to servers that ask for a certificate; nil means none.
    package var certificate: OwnCertificate?
    /// Whether a server must support TLS 1.3; otherwise 1.2 is enough.
    package var needsTLS13 = false
    /// Sent as `Authorization: Bearer` over `https` only, in printable ASCII; nil means none.
    package var token: String?

    package init() {}

    /// Whether a connection that was made with other options may be used.
    package func allowsConnections(of other: TLSOptions) -> Bool {
        authorities?.digest == other.authorities?.digest
            && certificate?.digest == other.certificate?.digest
            && needsTLS13 == other.needsTLS13
    }
}

extension TLSOptions: Equatable {
    package static func == (left: TLSOptions, right: TLSOptions) -> Bool {
        left.allowsConnections(of: right) && left.token == right.token
    }
}
