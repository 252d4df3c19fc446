/// A PEM file of trusted certificates, as libcurl reads it with OpenSSL.
///
/// If one block is broken, libcurl refuses the whole file, and every pull over TLS fails. Blocks
/// other than certificates, and text around blocks, are allowed.
package struct CertificateFile: Sendable {
    /// In the order of the file; at least one.
    package private(set) var certificates: [Certificate] = []

    package init(parsing bytes: [UInt8]) throws(CertificateFault) {
        do throws(PEMRefusal) {
            certificates = try readCertificates(bytes).get()
        } catch {
            let blocks = PEMBlock.all(in: bytes)
            guard let broken = blocks.last, let refusal = broken.refusal else {
                throw .refused(cause: error.cause)
            }
            let text = bytes[broken.offset...]
            let begin = text.firstRange(of: Array("-----BEGIN ".utf8))?.lowerBound ?? broken.offset
            let line = 1 + bytes[..<begin].count { $0 == UInt8(ascii: "\n") }
            throw .broken(number: blocks.count, line: line, cause: refusal.cause)
        }
        guard certificates.isEmpty else {
            takeFirstSettings()
            return
        }
        // A DER certificate begins with a SEQUENCE whose length has two bytes.
        if bytes.starts(with: [0x30, 0x82]) { throw .notPEM }
        throw .noCertificate(firstLabel: PEMBlock.all(in: bytes).first?.label)
    }

    /// Gives a repeated certificate the problems of the first one.
    ///
    /// OpenSSL ignores the others and their trust settings.
    private mutating func takeFirstSettings() {
        var first: [[UInt8]: [Certificate.Problem]] = [:]
        for index in certificates.indices {
            let (digest, problems) = (certificates[index].digest, certificates[index].problems)
            certificates[index].problems = first[digest, default: problems]
            first[digest] = certificates[index].problems
        }
    }

    /// Whether any of the certificates can verify a connection.
    package var isUsable: Bool { certificates.contains { $0.isUsable } }
}

/// Why libcurl cannot use a file of trusted certificates.
package enum CertificateFault: Error, Hashable, Sendable {
    /// A block, counted from 1, cannot be read.
    case broken(number: Int, line: Int, cause: String)
    /// libcrypto refuses the file, but each of its blocks can be read.
    case refused(cause: String)
    /// It is DER, which libcurl does not accept here.
    case notPEM
    /// It contains only other blocks, or no block.
    case noCertificate(firstLabel: String?)
}

extension CertificateFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .broken(let number, let line, let cause):
            "block \(number), at line \(line), cannot be read (\(cause)), "
                + "so libcurl refuses the file; fix or remove the block"
        case .refused(let cause):
            "cannot be read (\(cause)), so libcurl refuses the file; allowed: a PEM file of "
                + "certificates"
        case .notPEM: "is DER; allowed: PEM; convert it with openssl x509 -inform der"
        case .noCertificate(nil): "contains no certificate; allowed: a PEM file of certificates"
        case .noCertificate(let label?):
            "contains no certificate, only "
                + (label.isEmpty ? "other data" : "a block of type \(label)")
                + "; allowed: a PEM file of certificates"
        }
    }
}
