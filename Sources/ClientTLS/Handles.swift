internal import CCrypto
internal import Synchronization

// This file has all pointers of this module. OpenSSL counts the references to these objects under
// its own locks; see openssl-threads(7).

/// Why OpenSSL refuses something: its message.
package struct OpenSSLRefusal: Error, Hashable, Sendable {
    package var cause: String

    /// The last error of this thread.
    fileprivate static var last: OpenSSLRefusal {
        let text = unsafe ERR_reason_error_string(ERR_peek_last_error())
        let cause = unsafe text.map { unsafe String(cString: $0) }
        return OpenSSLRefusal(cause: cause ?? "unknown error")
    }
}

/// Trusted certificates (X509_STORE_add_cert(3)).
@safe struct StoreHandle: ~Copyable {
    private let store: OpaquePointer

    init(_ text: [UInt8]) throws(OpenSSLRefusal) {
        guard let store = unsafe X509_STORE_new() else { fatalError("no memory for OpenSSL") }
        // As libcurl does. A certificate that is not a CA may be trusted too.
        unsafe X509_STORE_set_flags(
            store,
            UInt(X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN)
        )
        let refusal = unsafe forEachCertificate(in: text) { certificate in
            unsafe X509_STORE_add_cert(store, certificate) == 1
        }
        if let refusal {
            unsafe X509_STORE_free(store)
            throw refusal
        }
        unsafe self.store = store
    }

    deinit {
        unsafe X509_STORE_free(store)
    }

    /// Trusts the certificates in the context (SSL_CTX) at an address; it keeps a reference.
    func install(at place: UInt) {
        unsafe SSL_CTX_set1_cert_store(OpaquePointer(bitPattern: place), store)
    }
}

/// A certificate with its chain and its private key.
@safe struct PairHandle: ~Copyable {
    private let leaf: OpaquePointer
    private let chain: OpaquePointer
    private let key: OpaquePointer

    /// Reads PEM texts, the certificate first, and checks that OpenSSL can present it.
    init(chain text: [UInt8], key keyText: [UInt8]) throws(OpenSSLRefusal) {
        guard let chain = unsafe nova_chain_new() else { fatalError("no memory for OpenSSL") }
        var leaf: OpaquePointer?
        var refusal = unsafe forEachCertificate(in: text) { certificate in
            if unsafe leaf != nil { return unsafe nova_chain_append(chain, certificate) != 0 }
            unsafe leaf = certificate
            return unsafe X509_up_ref(certificate) == 1
        }
        let key = unsafe withBIO(reading: keyText) { bio in
            let key = unsafe PEM_read_bio_PrivateKey(bio, nil, noPassphrase, nil)
            if unsafe key == nil, refusal == nil { refusal = .last }
            return unsafe key
        }
        if refusal == nil { refusal = unsafe Self.tryOut(leaf, key, chain) }
        guard refusal == nil, let leaf = unsafe leaf, let key = unsafe key else {
            unsafe X509_free(leaf)
            unsafe EVP_PKEY_free(key)
            unsafe nova_chain_free(chain)
            throw refusal ?? OpenSSLRefusal(cause: "no certificate")
        }
        unsafe (self.leaf, self.chain, self.key) = (leaf, chain, key)
    }

    deinit {
        unsafe X509_free(leaf)
        unsafe EVP_PKEY_free(key)
        unsafe nova_chain_free(chain)
    }

    /// Why a client cannot use the certificate; nil if it can.
    private static func tryOut(
        _ leaf: OpaquePointer?,
        _ key: OpaquePointer?,
        _ chain: OpaquePointer
    ) -> OpenSSLRefusal? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            fatalError("no memory for OpenSSL")
        }
        defer { unsafe SSL_CTX_free(context) }
        return unsafe SSL_CTX_use_cert_and_key(context, leaf, key, chain, 1) == 1 ? nil : .last
    }

    /// Presents the certificate in the context (SSL_CTX) at an address; it keeps references.
    ///
    /// - Returns: False without memory.
    func install(at place: UInt) -> Bool {
        let context = unsafe OpaquePointer(bitPattern: place)
        return unsafe SSL_CTX_use_cert_and_key(context, leaf, key, chain, 1) == 1
    }
}

/// Prepares the context of a connection (SSL_CTX); false without memory.
package func install(
    _ own: OwnCertificate?,
    trusting store: TrustStore,
    in context: UnsafeMutableRawPointer
) -> Bool {
    let place = UInt(bitPattern: context)
    unsafe nova_limit_messages(OpaquePointer(context), Handshake.messageCount)
    store.handle.withLock { $0.install(at: place) }
    return own?.handle.withLock { $0.install(at: place) } ?? true
}

extension Handshake {
    /// Reads the session of a connection whose handshake is complete (SSL); nil without a
    /// certificate.
    package init?(of session: UnsafeMutableRawPointer) {
        let session = OpaquePointer(session)
        guard let leaf = unsafe SSL_get0_peer_certificate(session) else { return nil }
        let version = unsafe SSL_get_version(session).map { unsafe String(cString: $0) } ?? ""
        var end: Int64 = 0
        let hasEnd = unsafe nova_not_after(leaf, &end) != 0
        certificate = ServerCertificate(
            subject: unsafe text { unsafe nova_subject(leaf, $0, $1) },
            issuer: unsafe text { unsafe nova_issuer(leaf, $0, $1) },
            expires: hasEnd ? Double(end) : nil,
            tlsVersion: version
        )
        wasAskedForCertificate = unsafe nova_was_asked(session) != 0
    }
}

/// The text that a C function writes, at most 199 bytes.
private func text(_ write: (UnsafeMutablePointer<CChar>?, Int32) -> Void) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { room in
        unsafe write(room.baseAddress, Int32(room.count))
        return unsafe room.baseAddress.map { unsafe String(cString: $0) } ?? ""
    }
}

/// Calls `body` with each certificate of a PEM text, until it returns false.
///
/// - Returns: Why a certificate cannot be used, or there is none; nil if all were passed.
private func forEachCertificate(
    in text: [UInt8],
    _ body: (OpaquePointer) -> Bool
) -> OpenSSLRefusal? {
    unsafe withBIO(reading: text) { bio in
        guard let infos = unsafe PEM_X509_INFO_read_bio(bio, nil, noPassphrase, nil) else {
            return .last
        }
        defer { unsafe nova_infos_free(infos) }
        var count = 0
        for index in unsafe 0..<nova_infos_count(infos) {
            guard let certificate = unsafe nova_infos_certificate(infos, index) else { continue }
            guard unsafe body(certificate) else { return .last }
            count += 1
        }
        return count == 0 ? OpenSSLRefusal(cause: "no certificate") : nil
    }
}

/// Returns no passphrase, where OpenSSL's default would ask for one on the terminal.
private func noPassphrase(
    _ room: UnsafeMutablePointer<CChar>?,
    _ size: Int32,
    _ isWriting: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 { -1 }

/// Calls `body` with a BIO that reads from memory, and with no earlier error of this thread.
private func withBIO<Value>(reading bytes: [UInt8], _ body: (OpaquePointer) -> Value) -> Value {
    unsafe bytes.withUnsafeBytes { text in
        // OpenSSL rejects a null pointer even for an empty buffer.
        let start = unsafe text.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
        guard let bio = unsafe BIO_new_mem_buf(start, Int32(text.count)) else {
            fatalError("no memory for OpenSSL")
        }
        defer { unsafe BIO_free(bio) }
        ERR_clear_error()
        defer { ERR_clear_error() }
        return unsafe body(bio)
    }
}

func sha256(of bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    let code = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    precondition(code == 1, "OpenSSL must have SHA-256")
    return digest
}
