import Foundation
import TestSupport
import Testing

/// A certificate authority of a test, created by openssl, and its server certificates.
final class Certificates: Sendable {
    private let folder: String
    private let openssl: String

    /// Creates the authority in a folder that deinit removes.
    init() async throws {
        openssl = try tool(named: "openssl", package: "openssl")
        folder = "/tmp/nova-federation-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
        try await call(
            ["req", "-x509", "-subj", "/CN=test", "-days", "2", "-out", authority]
                + Self.freshKey + ["-keyout", path("authority.key")]
        )
    }

    deinit {
        // A failure only leaves a few files behind.
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static let freshKey = [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    ]

    /// The CA file for clients.
    var authority: String { path("authority.pem") }

    /// A server's certificate for `names` (`IP:127.0.0.1`, `DNS:localhost`) and its key.
    ///
    /// - Parameters:
    ///   - label: A unique file name.
    ///   - names: The subject alternative names.
    ///   - days: How long it is valid from now; negative if it has expired.
    /// - Returns: The paths of both.
    /// - Throws: The output of openssl if it fails.
    func server(
        _ label: String,
        names: String,
        days: Int = 2
    ) async throws -> (certificate: String, key: String) {
        let (key, request) = (path("\(label).key"), path("\(label).csr"))
        let (extensions, certificate) = (path("\(label).ext"), path("\(label).pem"))
        try "subjectAltName=\(names)\n"
            .write(toFile: extensions, atomically: false, encoding: .utf8)
        try await call(
            ["req", "-new", "-subj", "/CN=\(label)", "-out", request] + Self.freshKey
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

/// A server in Python that answers every GET over TLS with two bytes.
struct TLSServer {
    private let process: ChildProcess
    let port: Int

    private static let program = """
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")
        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def get_request(self):
                raw, address = self.socket.accept()
                return context.wrap_socket(raw, server_side=True), address
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        context.maximum_version = ssl.TLSVersion[sys.argv[3]]
        if sys.argv[4]:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(sys.argv[4])
        server = Server(("127.0.0.1", 0), Handler)
        print("port", server.server_address[1], file=sys.stderr, flush=True)
        server.serve_forever()
        """

    /// Starts the server; it ends with its process object.
    ///
    /// - Parameters:
    ///   - identity: Its certificate and key.
    ///   - version: The latest TLS version that it supports, in Python's notation.
    ///   - clientAuthority: The CA of required client certificates; nil to require none.
    /// - Throws: If it does not start.
    init(
        _ identity: (certificate: String, key: String),
        version: String = "TLSv1_3",
        clientAuthority: String? = nil
    ) async throws {
        process = try ChildProcess(
            tool(named: "python3", package: "python3"),
            [
                "-c", Self.program, identity.certificate, identity.key, version,
                clientAuthority ?? "",
            ]
        )
        let line = try await process.logLine(containing: "port ")
        guard let port = line.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw TestError("No port in '\(line)'.")
        }
        self.port = port
    }

    /// Its base URL by address.
    var url: String { "https://127.0.0.1:\(port)" }
}
