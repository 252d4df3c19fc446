internal import CCrypto

// This file has all pointers of this module.

/// Why libcrypto refuses a text.
struct PEMRefusal: Error {
    /// A message of libcrypto.
    var cause: String

    /// The last error of this thread.
    fileprivate static var last: PEMRefusal {
        let text = unsafe ERR_reason_error_string(ERR_peek_last_error())
        return PEMRefusal(cause: unsafe text.map { unsafe String(cString: $0) } ?? "")
    }
}

/// Reads the certificates of a PEM text with the function of libcrypto that libcurl uses.
func readCertificates(_ bytes: [UInt8]) -> Result<[Certificate], PEMRefusal> {
    unsafe withBIO(reading: bytes) { bio in
        // The callback returns no passphrase. OpenSSL's default would ask for one on the terminal.
        guard let infos = unsafe PEM_X509_INFO_read_bio(bio, nil, { _, _, _, _ in -1 }, nil) else {
            return .failure(.last)
        }
        defer { unsafe nova_infos_free(infos) }
        let certificates = unsafe (0..<nova_infos_count(infos))
            .compactMap { index in
                unsafe nova_infos_certificate(infos, index).map { unsafe Certificate(reading: $0) }
            }
        return .success(certificates)
    }
}

/// A block of a PEM text.
struct PEMBlock {
    /// The end of the previous block.
    var offset: Int
    /// The text between BEGIN and the dashes; empty if the block cannot be read.
    var label = ""
    /// Nil if the block can be read.
    var refusal: PEMRefusal?

    /// The blocks of a text, up to the first that cannot be read, which is included.
    static func all(in bytes: [UInt8]) -> [PEMBlock] {
        unsafe withBIO(reading: bytes) { bio in
            var blocks: [PEMBlock] = []
            var offset = 0
            while blocks.last?.refusal == nil, var block = unsafe next(in: bio, from: offset) {
                let end = unsafe bytes.count - BIO_ctrl_pending(bio)
                if case .failure(let refusal) = readCertificates(Array(bytes[offset..<end])) {
                    block.refusal = refusal
                }
                blocks.append(block)
                offset = end
            }
            return blocks
        }
    }

    /// Reads the next block; nil at the end.
    private static func next(in bio: OpaquePointer, from offset: Int) -> PEMBlock? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard unsafe PEM_read_bio(bio, &name, &header, &data, &length) == 1 else {
            let isEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
            return isEnd ? nil : PEMBlock(offset: offset, refusal: .last)
        }
        let label = unsafe name.map { unsafe String(cString: $0) } ?? ""
        unsafe CRYPTO_free(name, nil, 0)
        unsafe CRYPTO_free(header, nil, 0)
        unsafe CRYPTO_free(data, nil, 0)
        return PEMBlock(offset: offset, label: label)
    }
}

/// Calls `body` with a BIO that reads from memory, and with no earlier error of this thread.
private func withBIO<Value>(reading bytes: [UInt8], _ body: (OpaquePointer) -> Value) -> Value {
    unsafe bytes.withUnsafeBytes { text in
        // libcrypto rejects a null pointer even for an empty buffer.
        let start = unsafe text.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
        guard let bio = unsafe BIO_new_mem_buf(start, Int32(text.count)) else {
            fatalError("no memory for libcrypto")
        }
        defer { unsafe BIO_free(bio) }
        ERR_clear_error()
        defer { ERR_clear_error() }
        return unsafe body(bio)
    }
}

extension Certificate {
    fileprivate init(reading certificate: OpaquePointer) {
        subject = unsafe Self.subject(of: certificate)
        problems = unsafe Self.problems(of: certificate)
        digest = unsafe Self.digest(of: certificate)
        expires = unsafe Self.unixSeconds(X509_get0_notAfter(certificate))
    }

    /// A date in Unix seconds; 0 if it is invalid.
    private static func unixSeconds(_ time: UnsafePointer<ASN1_TIME>?) -> Double {
        let start = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_TIME_free(start) }
        var (days, seconds): (Int32, Int32) = (0, 0)
        guard unsafe ASN1_TIME_diff(&days, &seconds, start, time) == 1 else { return 0 }
        return Double(days) * 86_400 + Double(seconds)
    }

    private static func subject(of certificate: OpaquePointer) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { room in
            unsafe nova_subject(certificate, room.baseAddress, Int32(room.count))
            return unsafe room.baseAddress.map { unsafe String(cString: $0) } ?? ""
        }
    }

    private static func digest(of certificate: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        _ = unsafe X509_digest(certificate, EVP_sha256(), &bytes, &length)
        return [UInt8](bytes.prefix(Int(length)))
    }

    private static func problems(of certificate: OpaquePointer) -> [Problem] {
        var problems: [Problem] = []
        let end = unsafe X509_get0_notAfter(certificate)
        let start = unsafe X509_get0_notBefore(certificate)
        if unsafe X509_cmp_current_time(end) < 0 { problems.append(.expired(unsafe day(end))) }
        if unsafe X509_cmp_current_time(start) > 0 {
            problems.append(.notYetValid(unsafe day(start)))
        }
        if unsafe X509_check_trust(certificate, X509_TRUST_SSL_SERVER, 0) == X509_TRUST_REJECTED {
            problems.append(.distrusted)
        }
        // X509_check_ca also parses the extensions, which sets the flags below.
        if unsafe X509_check_ca(certificate) == 0 { problems.append(.notAuthority) }
        let flags = unsafe X509_get_extension_flags(certificate)
        guard flags & UInt32(EXFLAG_INVALID) == 0, let key = unsafe X509_get0_pubkey(certificate)
        else { return problems + [.malformed] }
        let bits = Int(unsafe EVP_PKEY_get_security_bits(key))
        if bits < leastSecurityBits { problems.append(.weakKey(bits: bits)) }
        return problems
    }

    /// A date as `2026-11-29`.
    private static func day(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return "an invalid date" }
        let (year, month, day) = unsafe (parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday)
        return "\(year)-\(month < 10 ? "0" : "")\(month)-"
            + "\(day < 10 ? "0" : "")\(day)"
    }
}
