internal import CCrypto

// This file has all pointers of this module.

/// A block of a PEM text.
struct PEMBlock {
    /// The end of the previous block.
    var offset: Int
    /// Its certificates, or libcrypto's reason why it cannot be read.
    var content: Result<[Certificate], PEMRefusal>

    /// The blocks of a text, up to the first that cannot be read, which is included.
    static func all(in bytes: [UInt8]) -> [PEMBlock] {
        unsafe bytes.withUnsafeBytes { text in
            var blocks: [PEMBlock] = []
            let walk = unsafe PEMWalk(text)
            while let block = walk.next() {
                blocks.append(block)
                if case .failure = block.content { break }
            }
            return blocks
        }
    }

    /// Why libcrypto refuses the whole text; nil if it accepts it.
    static func refusal(of bytes: [UInt8]) -> PEMRefusal? {
        unsafe bytes.withUnsafeBytes { text in
            do throws(PEMRefusal) {
                _ = try unsafe PEMCertificates(text)
                return nil
            } catch {
                return error
            }
        }
    }
}

/// Iterates over the blocks of a PEM text, which it borrows and which must outlive it.
@safe private struct PEMWalk: ~Copyable {
    private let text: UnsafeRawBufferPointer
    private let bio: OpaquePointer

    init(_ text: UnsafeRawBufferPointer) {
        unsafe self.text = text
        unsafe bio = memory(text)
    }

    deinit {
        unsafe BIO_free(bio)
    }

    private var offset: Int { unsafe text.count - BIO_ctrl_pending(bio) }

    /// The next block, nil at the end; must not be called after a block that cannot be read.
    func next() -> PEMBlock? {
        let start = offset
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var length = 0
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard unsafe PEM_read_bio(bio, &name, &header, &data, &length) == 1 else {
            guard nova_last_reason() != PEM_R_NO_START_LINE else { return nil }
            return PEMBlock(offset: start, content: .failure(PEMRefusal(cause: lastWords())))
        }
        unsafe CRYPTO_free(name, nil, 0)
        unsafe CRYPTO_free(header, nil, 0)
        unsafe CRYPTO_free(data, nil, 0)
        let block = unsafe UnsafeRawBufferPointer(rebasing: text[start..<offset])
        do throws(PEMRefusal) {
            let certificates = try unsafe PEMCertificates(block).certificates()
            return PEMBlock(offset: start, content: .success(certificates))
        } catch {
            return PEMBlock(offset: start, content: .failure(error))
        }
    }
}

/// The certificates of a PEM text, read by the same function of libcrypto that libcurl uses.
@safe private struct PEMCertificates: ~Copyable {
    private let infos: OpaquePointer

    /// - Throws: libcrypto's reason, if it refuses the text.
    init(_ bytes: UnsafeRawBufferPointer) throws(PEMRefusal) {
        let bio = unsafe memory(bytes)
        defer { unsafe BIO_free(bio) }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let infos = unsafe nova_infos_read(bio) else { throw PEMRefusal(cause: lastWords()) }
        unsafe self.infos = infos
    }

    deinit {
        unsafe nova_infos_free(infos)
    }

    /// The certificates with their problems, in the order of the text.
    func certificates() -> [Certificate] {
        let count = unsafe nova_infos_count(infos)
        return (0..<count)
            .compactMap { index in
                unsafe nova_infos_certificate(infos, index)
                    .map { certificate in
                        Certificate(
                            subject: unsafe Self.subject(of: certificate),
                            problems: unsafe Self.problems(of: certificate),
                            digest: unsafe Self.digest(of: certificate)
                        )
                    }
            }
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

    private static func problems(of certificate: OpaquePointer) -> [Certificate.Problem] {
        var problems: [Certificate.Problem] = []
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
        if bits < Certificate.leastSecurityBits { problems.append(.weakKey(bits: bits)) }
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

/// Why libcrypto refuses a text.
struct PEMRefusal: Error {
    /// A message of libcrypto.
    var cause: String
}

/// A BIO that reads from memory.
private func memory(_ bytes: UnsafeRawBufferPointer) -> OpaquePointer {
    // libcrypto rejects a null pointer even for an empty buffer.
    let start = unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
    guard let bio = unsafe BIO_new_mem_buf(start, Int32(bytes.count)) else {
        fatalError("no memory for libcrypto")
    }
    return unsafe bio
}

private func lastWords() -> String { unsafe String(cString: nova_last_words()) }
