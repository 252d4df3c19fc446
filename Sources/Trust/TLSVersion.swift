/// A version of TLS.
package enum TLSVersion: String, CaseIterable, Sendable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    /// The GnuTLS priorities of a listener that accepts this version and later ones.
    package var priorities: String {
        switch self {
        case .tls12: "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
        case .tls13: "NORMAL:-VERS-ALL:+VERS-TLS1.3"
        }
    }
}
