/// A PEM file of trusted certificates, as libcurl reads it with OpenSSL.
///
/// If one block cannot be read, libcurl refuses the whole file, and every pull over TLS fails.
/// Blocks of other kinds than certificates are allowed, and so is text around them.
package struct CertificateFile: Sendable {
    /// At least one, in the order of the file.
    package private(set) var certificates: [Certificate] = []

    package init(parsing bytes: [UInt8]) throws(CertificateFault) {
        var labels: [String] = []
        var offset = 0
        var line = 1
        for block in PEMBlock.all(in: bytes) {
            let begin = bytes[block.offset...].firstRange(of: Self.opening) ?? offset..<offset
            line += bytes[offset..<begin.lowerBound].count { $0 == UInt8(ascii: "\n") }
            offset = begin.lowerBound
            let label = bytes[begin.upperBound...].prefix(40).prefix { $0 != UInt8(ascii: "-") }
            labels.append(String(decoding: label, as: UTF8.self))
            switch block.content {
            case .success(let found): certificates += found
            case .failure(let refusal):
                throw .broken(number: labels.count, line: line, cause: refusal.cause)
            }
        }
        if let refusal = PEMBlock.refusal(of: bytes) { throw .refused(cause: refusal.cause) }
        guard certificates.isEmpty else {
            takeFirstSettings()
            return
        }
        // A SEQUENCE whose length has two bytes, as a certificate in DER begins.
        if bytes.starts(with: [0x30, 0x82]) { throw .notPEM }
        throw .noCertificate(labels: labels)
    }

    /// Gives repeated certificates the problems of the first: OpenSSL drops the others, and with
    /// them their trust settings.
    private mutating func takeFirstSettings() {
        var first: [[UInt8]: [Certificate.Problem]] = [:]
        for index in certificates.indices {
            let (digest, problems) = (certificates[index].digest, certificates[index].problems)
            if let kept = first[digest] {
                certificates[index].problems = kept
            } else {
                first[digest] = problems
            }
        }
    }

    private static let opening = Array("-----BEGIN ".utf8)

    /// Whether a peer can be trusted by any of them.
    package var isUsable: Bool { certificates.contains { $0.isUsable } }
}

/// Why a file of trusted certificates is of no use to libcurl.
package enum CertificateFault: Error, Hashable, Sendable {
    /// The block of that number, from 1, cannot be read.
    case broken(number: Int, line: Int, cause: String)
    /// libcrypto refuses the file for another reason than one of its blocks.
    case refused(cause: String)
    /// DER, which libcurl does not read here.
    case notPEM
    /// There are only other blocks, with these labels, or none.
    case noCertificate(labels: [String])
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
        case .noCertificate(let labels) where labels.isEmpty:
            "contains no certificate; allowed: a PEM file of certificates"
        case .noCertificate(let labels):
            "contains no certificate, only "
                + (labels[0].isEmpty ? "other data" : "a block of type \(labels[0])")
                + "; allowed: a PEM file of certificates"
        }
    }
}
