internal import CCrypto

/// The certificate that a server presented.
package final class ServerCertificate: Sendable {
    /// As in RFC 2253, in printable ASCII, at most 199 characters; so is the issuer.
    package let subject: String
    package let issuer: String
    /// The end of its validity in Unix seconds; nil if the date is invalid.
    package let expires: Double?
    /// `TLSv1.3`, for example.
    package let tlsVersion: String

    init(subject: String, issuer: String, expires: Double?, tlsVersion: String) {
        self.subject = subject
        self.issuer = issuer
        self.expires = expires
        self.tlsVersion = tlsVersion
    }
}

/// What a complete handshake showed of the server.
package struct Handshake: Sendable {
    package let certificate: ServerCertificate
    /// Whether the server asked for a client certificate.
    package let wasAskedForCertificate: Bool

    /// Where each session counts the messages of its handshakes.
    static let messageCount = nova_new_index()
}
