internal import CGnuTLS

// The handles with which the certificates of clients are checked.

/// The TLS session of a connection; valid on the thread that serves it, during a callback.
@safe package struct TLSSession {
    fileprivate let session: gnutls_session_t

    package init(_ session: UnsafeMutableRawPointer) {
        unsafe self.session = gnutls_session_t(session)
    }

    /// The object of the connection, which callbacks without a context find here
    /// (gnutls_session_get_ptr(3)).
    package var attached: UnsafeMutableRawPointer? { unsafe gnutls_session_get_ptr(session) }

    /// Attaches an object, which must outlive the handshake (gnutls_session_set_ptr(3)).
    package func attach(_ object: UnsafeMutableRawPointer?) {
        unsafe gnutls_session_set_ptr(session, object)
    }

    /// Asks the client for a certificate, which it may leave out; during the handshake.
    ///
    /// The request names no authorities, because those of the listener may change.
    package func requestCertificate() {
        unsafe gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST)
    }
}

/// Certificate authorities against which client certificates are verified
/// (gnutls_x509_trust_list_init(3)).
@safe struct TrustList: ~Copyable {
    private let list: gnutls_x509_trust_list_t

    /// Reads a PEM text; throws if it has no certificate that GnuTLS accepts.
    init(_ authorities: [UInt8]) throws(TLSRefusal) {
        var list: gnutls_x509_trust_list_t?
        try check(unsafe gnutls_x509_trust_list_init(&list, 0))
        let count = unsafe withDatum(authorities) { text in
            unsafe gnutls_x509_trust_list_add_trust_mem(list, text, nil, GNUTLS_X509_FMT_PEM, 0, 0)
        }
        guard count > 0, let list = unsafe list else {
            unsafe gnutls_x509_trust_list_deinit(list, 1)
            throw TLSRefusal(count < 0 ? count : Int32(GNUTLS_E_NO_CERTIFICATE_FOUND))
        }
        unsafe self.list = list
    }

    deinit { unsafe gnutls_x509_trust_list_deinit(list, 1) }

    /// Why a chain, by its address, is not that of a TLS client; nil if it is accepted.
    func refusal(ofChainAt place: (start: UInt, count: Int)) -> String? {
        var status: UInt32 = 0
        let start = unsafe UnsafeMutablePointer<gnutls_x509_crt_t?>(bitPattern: place.start)
        let code = unsafe nova_verify_client(list, start, UInt32(place.count), &status)
        if code < 0 { return TLSRefusal(code).cause }
        return status == 0 ? nil : Self.words(status)
    }

    /// What the bits of a verification status mean.
    private static func words(_ status: UInt32) -> String {
        var text = unsafe gnutls_datum_t()
        let kind = GNUTLS_CRT_X509
        guard unsafe gnutls_certificate_verification_status_print(status, kind, &text, 0) == 0
        else { return "status \(status)" }
        defer { unsafe nova_free(text.data) }
        let bytes = unsafe UnsafeBufferPointer(start: text.data, count: Int(text.size))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}

/// The certificates that a client presented, the leaf first (gnutls_certificate_get_peers(3)).
@safe struct CertificateChain: ~Copyable {
    private let start: UnsafeMutablePointer<gnutls_x509_crt_t?>
    private var count = 0

    /// Nil if the client presented none; malformed certificates end the chain.
    init?(presentedIn session: TLSSession) {
        var listed: UInt32 = 0
        guard let raw = unsafe gnutls_certificate_get_peers(session.session, &listed), listed > 0
        else { return nil }
        let room = CertificatePair.maximumChain
        unsafe start = .allocate(capacity: room)
        unsafe start.initialize(repeating: nil, count: room)
        for index in 0..<min(Int(listed), room) {
            unsafe gnutls_x509_crt_init(start + index)
            count += 1
            guard unsafe gnutls_x509_crt_import(start[index], raw + index, GNUTLS_X509_FMT_DER) == 0
            else { break }
        }
    }

    deinit {
        for index in 0..<count { unsafe gnutls_x509_crt_deinit(start[index]) }
        unsafe start.deallocate()
    }

    /// Its address, valid as long as this handle, and its length.
    var place: (start: UInt, count: Int) { unsafe (UInt(bitPattern: start), count) }

    /// The subject alternative names of the leaf that a setting can name; at most 1,000.
    var names: [CertificateName] {
        var names: [CertificateName] = []
        var room = [UInt8](repeating: 0, count: ClientName.maximumBytes)
        for index in 0..<1_000 {
            var size = room.count
            let kind = unsafe gnutls_x509_crt_get_subject_alt_name(
                start[0],
                UInt32(index),
                &room,
                &size,
                nil
            )
            if kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE { break }
            guard kind >= 0, size <= room.count else { continue }
            let bytes = Array(room.prefix(size))
            if let name = CertificateName(kind: UInt32(kind), bytes) { names.append(name) }
        }
        return names
    }

    /// The subject of the leaf, as in RFC 4514.
    var subject: String {
        var text = [UInt8](repeating: 0, count: 256)
        var size = text.count
        let code = unsafe text.withUnsafeMutableBytes { room in
            unsafe gnutls_x509_crt_get_dn(
                start[0],
                room.baseAddress?.assumingMemoryBound(to: CChar.self),
                &size
            )
        }
        return code == 0 ? String(decoding: text.prefix(size), as: UTF8.self) : ""
    }
}

extension CertificateName {
    /// Nil for other kinds of names, and for text with characters that no setting has.
    fileprivate init?(kind: UInt32, _ bytes: [UInt8]) {
        switch kind {
        case GNUTLS_SAN_IPADDRESS.rawValue:
            self = .address(bytes)
        case GNUTLS_SAN_DNSNAME.rawValue, GNUTLS_SAN_URI.rawValue:
            // Other characters could be equal to ASCII by the rules of Unicode.
            guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            self = kind == GNUTLS_SAN_URI.rawValue ? .uri(text) : .host(text)
        default: return nil
        }
    }
}
