import Foundation

/// A certificate authority of a test, with the certificates that it signed, made by openssl.
package final class TestAuthority: Sendable {
    private let folder: TemporaryDirectory
    private let openssl: String

    /// A certificate, or a chain, and its private key.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String

        package init(certificate: String, key: String) {
            (self.certificate, self.key) = (certificate, key)
        }
    }

    /// When a certificate is valid.
    package enum Validity: Sendable {
        case now
        case past
        case future
        /// From yesterday until this many seconds from now.
        case seconds(Int)
    }

    /// Creates the authority in a folder that deinit removes.
    ///
    /// OpenSSL finds the issuer of a certificate by name, so two authorities that one client trusts
    /// must have different names.
    package init(named name: String = "test") async throws {
        openssl = try tool(named: "openssl", package: "openssl")
        folder = try TemporaryDirectory()
        _ = try folder.write("", to: "index")
        _ = try folder.write(
            """
            [ca]
            default_ca = this
            [this]
            dir = \(folder.path)
            database = $dir/index
            new_certs_dir = $dir
            certificate = $dir/ca.pem
            private_key = $dir/ca.key
            rand_serial = yes
            unique_subject = no
            default_md = sha256
            policy = any
            [any]
            commonName = supplied

            """,
            to: "config"
        )
        try await call(
            ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-out", certificate]
                + Self.freshKey + ["-keyout", folder.file("ca.key")]
        )
    }

    package static let freshKey = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    /// The file with the certificate of the authority.
    package var certificate: String { folder.file("ca.pem") }

    /// A certificate for `names` (`IP:127.0.0.1`, `DNS:localhost`, `URI:…`) and its key.
    ///
    /// - Parameters:
    ///   - label: A unique file name, and the common name.
    ///   - names: The subject alternative names, separated by commas.
    ///   - purposes: The extended key usage; empty for none.
    ///   - validity: When it is valid.
    ///   - options: How openssl makes the key.
    /// - Returns: The files of both.
    /// - Throws: The output of openssl if it fails.
    package func sign(
        _ label: String,
        names: String,
        purposes: String = "serverAuth,clientAuth",
        validity: Validity = .now,
        key options: [String] = freshKey
    ) async throws -> Pair {
        let pair = Pair(certificate: folder.file("\(label).pem"), key: folder.file("\(label).key"))
        let request = folder.file("\(label).csr")
        let usage = purposes.isEmpty ? "" : "extendedKeyUsage=\(purposes)\n"
        let extensions = try folder.write(
            "subjectAltName=\(names)\n\(usage)",
            to: "\(label).ext"
        )
        try await call(
            ["req", "-new", "-subj", "/CN=\(label)", "-out", request] + options
                + ["-keyout", pair.key]
        )
        let now = Date()
        let (start, end): (Date, Date) =
            switch validity {
            case .now: (now - 86_400, now + 86_400)
            case .past: (now - 172_800, now - 86_400)
            case .future: (now + 86_400, now + 172_800)
            case .seconds(let seconds): (now - 86_400, now + TimeInterval(seconds))
            }
        try await call([
            "ca", "-batch", "-notext", "-config", folder.file("config"), "-in", request,
            "-extfile", extensions, "-startdate", Self.time(start), "-enddate", Self.time(end),
            "-out", pair.certificate,
        ])
        return pair
    }

    /// A date as openssl takes it: `20261129120000Z`.
    private static func time(_ date: Date) -> String {
        date.formatted(.iso8601).filter { $0.isNumber || $0 == "Z" }
    }

    private func call(_ arguments: [String]) async throws {
        let finished = try await run(openssl, arguments)
        guard finished.ending == .exit(0) else {
            throw TestError("openssl \(arguments.joined(separator: " ")): \(finished.log)")
        }
    }
}
