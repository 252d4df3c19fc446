/// A certificate of a file of trusted ones, and what may keep peers from being trusted by it.
package struct Certificate: Hashable, Sendable {
    /// The fewest bits of security of a key that OpenSSL takes at its security level 2, Debian's.
    static let leastSecurityBits = 112

    /// By RFC 2253, in printable ASCII.
    package var subject: String
    package var problems: [Problem]
    /// The SHA-256 of its DER, without the trust settings of its block.
    let digest: [UInt8]

    package enum Problem: Hashable, Sendable {
        /// On that day.
        case expired(String)
        /// Before that day.
        case notYetValid(String)
        /// It can vouch for itself, as a pinned certificate of one server, but for no other.
        case notAuthority
        /// Extensions that contradict each other, or a key of an unknown kind.
        case malformed
        case weakKey(bits: Int)
        /// Trust settings of a TRUSTED CERTIFICATE block that exclude TLS servers.
        case distrusted
    }

    /// Whether a connection can be trusted by it, now or once its first day has come.
    package var isUsable: Bool { !problems.contains(where: \.isFinal) }
}

extension Certificate.Problem: CustomStringConvertible {
    /// Whether no connection can be trusted, now or later.
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
