import Foundation

/// A certificate authority of a test, created by openssl, and its server certificates.
package final class Certificates: Sendable {
    private let folder: String
    private let openssl: String

    /// Creates the authority in a folder that deinit removes.
    ///
    /// OpenSSL finds the issuer of a certificate by name, so two authorities of one test must have
    /// different names.
    package init(named name: String = "test") async throws {
        openssl = try tool(named: "openssl", package: "openssl")
        folder = "/tmp/nova-federation-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
        try await call(
            ["req", "-x509", "-subj", "/CN=\(name)", "-days", "2", "-out", authority]
                + Self.freshKey + ["-keyout", path("authority.key")]
        )
    }

    deinit {
        // A failure only leaves a few files behind.
        try? FileManager.default.removeItem(atPath: folder)
    }

    package static let freshKey = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    /// The CA file for clients.
    package var authority: String { path("authority.pem") }

    /// A server's certificate for `names` (`IP:127.0.0.1`, `DNS:localhost`) and its key.
    ///
    /// - Parameters:
    ///   - label: A unique file name.
    ///   - names: The subject alternative names.
    ///   - days: How long it is valid from now; negative if it has expired.
    ///   - options: How openssl makes the key.
    /// - Returns: The paths of both.
    /// - Throws: The output of openssl if it fails.
    package func server(
        _ label: String,
        names: String,
        days: Int = 2,
        key options: [String] = freshKey
    ) async throws -> (certificate: String, key: String) {
        let (key, request) = (path("\(label).key"), path("\(label).csr"))
        let (extensions, certificate) = (path("\(label).ext"), path("\(label).pem"))
        try "subjectAltName=\(names)\n"
            .write(toFile: extensions, atomically: false, encoding: .utf8)
        try await call(
            ["req", "-new", "-subj", "/CN=\(label)", "-out", request] + options
                + ["-keyout", key]
        )
        try await call([
            "x509", "-req", "-in", request, "-CA", authority, "-CAkey", path("authority.key"),
            "-days", "\(days)", "-extfile", extensions, "-out", certificate,
        ])
        return (certificate, key)
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func call(_ arguments: [String]) async throws {
        let finished = try await run(openssl, arguments)
        guard finished.ending == .exit(0) else {
            throw TestError("openssl \(arguments.joined(separator: " ")): \(finished.log)")
        }
    }
}
