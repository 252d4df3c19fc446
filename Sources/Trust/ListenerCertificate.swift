internal import Synchronization

/// The certificate of the listener, with its chain and private key.
///
/// Every connection whose handshake used it holds it, because GnuTLS keeps pointers into it. From
/// any thread.
package final class ListenerCertificate: Sendable {
    let pair: Mutex<CertificatePair>

    /// Reads PEM texts.
    package init(chain: [UInt8], key: [UInt8]) throws(PairFault) {
        pair = Mutex(try CertificatePair(chain: chain, key: key))
    }
}

/// Why a certificate and a key cannot be used together.
package enum PairFault: Error, Hashable, Sendable {
    case chain(TLSRefusal)
    case key(TLSRefusal)
    /// The key is not that of the first certificate.
    case mismatch
}

extension PairFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .chain(let refusal):
            "cannot be used by GnuTLS (\(refusal.cause)); allowed: a PEM file with the certificate "
                + "of the listener first, each followed by the one that signed it"
        case .key(let refusal):
            "cannot be used by GnuTLS (\(refusal.cause)); allowed: a PEM file with a private key "
                + "without a passphrase"
        case .mismatch: "is not the key of the first certificate in NOVA_FED_TLS_CERT_FILE"
        }
    }
}
