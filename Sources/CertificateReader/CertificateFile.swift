/// A PEM file of trusted certificates, as libcurl reads it with OpenSSL.
///
/// If one block is broken, libcurl refuses the whole file, and every pull over TLS fails. Blocks
/// other than certificates, and text around blocks, are allowed.
package struct CertificateFile: Sendable {
    /// In the order of the file; at least one.
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
        // A DER certificate begins with a SEQUENCE whose length has two bytes.
        if bytes.starts(with: [0x30, 0x82]) { throw .notPEM }
        throw .noCertificate(labels: labels)
    }

    /// Gives a repeated certificate the problems of the first one.
    ///
    /// OpenSSL ignores the others and their trust settings.
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
    /// It contains only other blocks, with these labels, or no block.
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
