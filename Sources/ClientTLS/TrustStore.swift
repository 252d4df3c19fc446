internal import Synchronization

/// The certificates that a client trusts; from any thread.
package final class TrustStore: Sendable {
    let handle: Mutex<StoreHandle>
    /// The SHA-256 of its PEM text.
    package let digest: [UInt8]

    /// Reads a PEM text as libcurl reads a file of certificate authorities.
    package init(trusting text: [UInt8]) throws(OpenSSLRefusal) {
        handle = Mutex(try StoreHandle(text))
        digest = sha256(of: text)
    }
}
