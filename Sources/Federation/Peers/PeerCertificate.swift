/// The certificate that an `https` peer presented in its last complete TLS handshake.
///
/// A class, so that it takes one word of each peer without TLS.
package final class PeerCertificate: Sendable {
    /// As in RFC 2253, in printable ASCII.
    package let subject: String
    package let issuer: String
    /// The end of its validity in Unix seconds; nil if the date is invalid.
    package let expires: Double?
    /// The version of TLS that both agreed on, such as `TLSv1.3`.
    package let tlsVersion: String

    package init(subject: String, issuer: String, expires: Double?, tlsVersion: String) {
        self.subject = subject
        self.issuer = issuer
        self.expires = expires
        self.tlsVersion = tlsVersion
    }
}
