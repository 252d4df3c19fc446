/// A trusted certificate, and its problems that may prevent connections.
package struct Certificate: Hashable, Sendable {
    /// The minimum security of a key in bits at OpenSSL's security level 2, Debian's default.
    static let leastSecurityBits = 112

    /// As in RFC 2253, in printable ASCII.
    package var subject: String
    package var problems: [Problem]
    /// When its validity ends, in Unix seconds.
    package var expires: Double
    /// The SHA-256 of its DER encoding, without trust settings.
    let digest: [UInt8]

    package enum Problem: Hashable, Sendable {
        /// The day of expiry.
        case expired(String)
        /// The first day of validity.
        case notYetValid(String)
        /// It is trusted as the pinned certificate of a server, but cannot sign others.
        case notAuthority
        /// Its extensions contradict each other, or the type of its key is unknown.
        case malformed
        case weakKey(bits: Int)
        /// The trust settings of its TRUSTED CERTIFICATE block exclude TLS servers.
        case distrusted
    }

    /// Whether it can verify a connection, now or later.
    package var isUsable: Bool { !problems.contains(where: \.isFinal) }
}

extension Certificate.Problem: CustomStringConvertible {
    /// Whether the certificate is not valid at this time.
    package var isAboutTime: Bool {
        switch self {
        case .expired, .notYetValid: true
        case .notAuthority, .malformed, .weakKey, .distrusted: false
        }
    }

    /// Whether the certificate can never verify a connection.
    fileprivate var isFinal: Bool {
        switch self {
        case .expired, .malformed, .distrusted: true
        case .notYetValid, .notAuthority, .weakKey: false
        }
    }

    package var description: String {
        switch self {
        case .expired(let day): "expired on \(day)"
        case .notYetValid(let day): "is not valid before \(day)"
        case .notAuthority: "is not a CA: it is trusted only for the server that presents it"
        case .malformed: "has invalid extensions or an unknown kind of key"
        case .weakKey(let bits):
            "has a weak key: \(bits) bits of security; OpenSSL requires "
                + "\(Certificate.leastSecurityBits)"
        case .distrusted:
            "has trust settings that reject it for TLS servers (serverAuth); remove them with "
                + "openssl x509 -clrtrust -clrreject"
        }
    }
}
