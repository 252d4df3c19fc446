import Foundation

/// A server in Python that answers every GET over TLS with two bytes, or with the token of the
/// request.
///
/// A GET of `/held/document` is answered after one of `/release/document`.
package struct TLSServer {
    private let process: ChildProcess
    package let port: Int

    private static let program = """
        import http.server, ssl, sys, threading
        released = threading.Event()
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                if self.path == "/held/document":
                    print("held", file=sys.stderr, flush=True)
                    released.wait()
                if self.path == "/release/document":
                    released.set()
                body = self.headers.get("Authorization", "ok").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
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
    package init(
        _ identity: TestAuthority.Pair,
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

    /// Waits until a request is held.
    package func holdsRequest() async throws {
        _ = try await process.logLine(containing: "held")
    }

    /// Its base URL by address.
    package var url: String { "https://127.0.0.1:\(port)" }
}
