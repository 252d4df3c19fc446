internal import CGnuTLS
internal import Synchronization

// This file and its facet have all pointers of this module.

/// Why GnuTLS refuses something: its message.
package struct TLSRefusal: Error, Hashable, Sendable {
    package var cause: String

    init(_ code: Int32) { cause = unsafe String(cString: gnutls_strerror(code)) }
}

/// Throws the refusal of a negative code.
@discardableResult
func check(_ code: Int32) throws(TLSRefusal) -> Int32 {
    guard code >= 0 else { throw TLSRefusal(code) }
    return code
}

/// Calls `body` with bytes as GnuTLS takes them.
func withDatum(
    _ bytes: [UInt8],
    _ body: (UnsafePointer<gnutls_datum_t>) -> Int32
) -> Int32 {
    var copy = bytes
    return unsafe copy.withUnsafeMutableBufferPointer { bytes in
        var datum = unsafe gnutls_datum_t(data: bytes.baseAddress, size: UInt32(bytes.count))
        return unsafe body(&datum)
    }
}

extension Digest {
    package init(of bytes: [UInt8]) {
        var words = SIMD4<UInt64>()
        let code = unsafe withUnsafeMutableBytes(of: &words) { room in
            unsafe gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, bytes.count, room.baseAddress)
        }
        precondition(code == 0, "GnuTLS must have SHA-256")
        self.init(words)
    }
}

/// The bytes of an IP address; nil if the text is not an address.
func addressBytes(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe nova_address(text, &bytes)
    return count > 0 ? Array(bytes.prefix(Int(count))) : nil
}

/// The text of an IP address of 4 or 16 bytes.
func addressText(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: 64)
    unsafe nova_address_text(bytes, Int32(bytes.count), &text, Int32(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// A chain and its private key, for GnuTLS (gnutls_pcert_list_import_x509_raw(3)).
@safe struct CertificatePair: ~Copyable {
    private let chain: UnsafeMutablePointer<gnutls_pcert_st>
    private let count: Int
    private let key: gnutls_privkey_t

    /// The longest chain that is read.
    static let maximumChain = 16

    /// Reads PEM texts; throws if GnuTLS cannot read them, or if the key is not that of the leaf.
    init(chain: [UInt8], key: [UInt8]) throws(PairFault) {
        let certificates = UnsafeMutablePointer<gnutls_pcert_st>
            .allocate(capacity: Self.maximumChain)
        var count = UInt32(Self.maximumChain)
        let read = unsafe withDatum(chain) { text in
            unsafe gnutls_pcert_list_import_x509_raw(
                certificates,
                &count,
                text,
                GNUTLS_X509_FMT_PEM,
                UInt32(GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED.rawValue)
                    | UInt32(GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED.rawValue)
            )
        }
        guard read >= 0 else {
            unsafe certificates.deallocate()
            throw .chain(TLSRefusal(read))
        }
        var secret: gnutls_privkey_t?
        unsafe gnutls_privkey_init(&secret)
        let opened = unsafe withDatum(key) { text in
            unsafe gnutls_privkey_import_x509_raw(secret, text, GNUTLS_X509_FMT_PEM, nil, 0)
        }
        guard opened >= 0, let secret = unsafe secret else {
            unsafe gnutls_privkey_deinit(secret)
            unsafe Self.free(certificates, Int(count))
            throw .key(TLSRefusal(opened))
        }
        guard unsafe Self.isPair(certificates, secret) else {
            unsafe gnutls_privkey_deinit(secret)
            unsafe Self.free(certificates, Int(count))
            throw .mismatch
        }
        unsafe (self.chain, self.count, self.key) = (certificates, Int(count), secret)
    }

    deinit {
        unsafe gnutls_privkey_deinit(key)
        unsafe Self.free(chain, count)
    }

    private static func free(_ chain: UnsafeMutablePointer<gnutls_pcert_st>, _ count: Int) {
        for index in 0..<count { unsafe gnutls_pcert_deinit(chain + index) }
        unsafe chain.deallocate()
    }

    /// Whether the public keys of a leaf and of a private key are the same.
    private static func isPair(
        _ leaf: UnsafeMutablePointer<gnutls_pcert_st>,
        _ key: gnutls_privkey_t
    ) -> Bool {
        var own: gnutls_pubkey_t?
        guard unsafe gnutls_pubkey_init(&own) == 0 else { return false }
        defer { unsafe gnutls_pubkey_deinit(own) }
        guard unsafe gnutls_pubkey_import_privkey(own, key, 0, 0) == 0 else { return false }
        let id = unsafe keyID(own)
        return unsafe !id.isEmpty && id == keyID(leaf.pointee.pubkey)
    }

    /// The SHA-256 of a public key; empty if it has none.
    private static func keyID(_ key: gnutls_pubkey_t?) -> [UInt8] {
        var id = [UInt8](repeating: 0, count: 64)
        var size = id.count
        let flags = UInt32(GNUTLS_KEYID_USE_SHA256.rawValue)
        guard unsafe gnutls_pubkey_get_key_id(key, flags, &id, &size) == 0 else { return [] }
        return Array(id.prefix(size))
    }

    /// The addresses of chain and key, and the length of the chain, for a handshake.
    var place: (chain: UInt, count: UInt32, key: UInt) {
        unsafe (UInt(bitPattern: chain), UInt32(count), UInt(bitPattern: key))
    }
}

extension ListenerCertificate {
    /// Passes the pair to a handshake (gnutls_certificate_set_retrieve_function2(3)).
    ///
    /// The session keeps pointers into the pair, so the caller keeps this object until it has
    /// ended.
    package func present(
        _ chain: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
        _ count: UnsafeMutablePointer<UInt32>,
        _ key: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) {
        let place = pair.withLock { $0.place }
        unsafe chain.pointee = UnsafeMutableRawPointer(bitPattern: place.chain)
        unsafe count.pointee = place.count
        unsafe key.pointee = UnsafeMutableRawPointer(bitPattern: place.key)
    }
}
