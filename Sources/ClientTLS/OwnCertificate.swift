internal import Synchronization

/// A certificate with its chain and its private key, which a client presents; from any thread.
package final class OwnCertificate: Sendable {
    let handle: Mutex<PairHandle>
    /// The SHA-256 of both PEM texts, one after the other.
    package let digest: [UInt8]

    /// Reads PEM texts, the certificate first, and checks that OpenSSL can present it.
    ///
    /// It must belong to the key, and its key and signature must be strong enough.
    package init(chain: [UInt8], key: [UInt8]) throws(OpenSSLRefusal) {
        handle = Mutex(try PairHandle(chain: chain, key: key))
        digest = sha256(of: chain) + sha256(of: key)
    }
}
