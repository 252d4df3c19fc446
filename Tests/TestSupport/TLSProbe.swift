import Foundation

/// An HTTPS client in Python, independent of the TLS libraries of the service's own client.
package enum TLSProbe {
    /// Requests on one connection, one after the other.
    package struct Session: Codable, Sendable {
        var host = "127.0.0.1"
        var port: Int
        /// The only version of TLS that the client offers: `1.1`, `1.2` or `1.3`.
        var version: String
        var certificate: String?
        var key: String?
        var requests: [Request] = []

        package init(
            host: String = "127.0.0.1",
            port: Int,
            version: String = "1.3",
            _ pair: TestAuthority.Pair? = nil,
            requests: [Request]
        ) {
            (self.host, self.port) = (host, port)
            (self.version, self.requests) = (version, requests)
            (certificate, key) = (pair?.certificate, pair?.key)
        }
    }

    /// A GET.
    package struct Request: Codable, Sendable {
        var path: String
        /// Names and values.
        var headers: [[String]]

        package init(_ path: String, headers: [(name: String, value: String)] = []) {
            self.path = path
            self.headers = headers.map { [$0.name, $0.value] }
        }
    }

    /// What a session got.
    package struct Result: Codable, Sendable {
        /// For each request that was answered, in order.
        package let responses: [Response]
        /// Why it ended early; empty if it did not.
        package let error: String
        /// The SHA-256 of the server's certificate; empty if the handshake failed.
        package let certificate: String
    }

    /// A response.
    package struct Response: Codable, Hashable, Sendable {
        package let status: Int
        package let challenge: String?
        package let body: String
    }

    private static let program = """
        import hashlib, http.client, json, socket, ssl, sys, warnings
        warnings.simplefilter("ignore")
        results = []
        for session in json.load(sys.stdin):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.set_ciphers("ALL:@SECLEVEL=0")
            version = ssl.TLSVersion["TLSv" + session["version"].replace(".", "_")]
            context.minimum_version = version
            context.maximum_version = version
            if session.get("certificate"):
                context.load_cert_chain(session["certificate"], session["key"])
            result = {"responses": [], "error": "", "certificate": ""}
            results.append(result)
            try:
                raw = socket.create_connection((session["host"], session["port"]), timeout=20)
                client = context.wrap_socket(raw, server_hostname="localhost")
                certificate = client.getpeercert(binary_form=True)
                result["certificate"] = hashlib.sha256(certificate).hexdigest()
                for request in session["requests"]:
                    lines = ["GET %s HTTP/1.1" % request["path"], "Host: localhost"]
                    lines += ["%s: %s" % (name, value) for name, value in request["headers"]]
                    client.sendall(("\\r\\n".join(lines) + "\\r\\n\\r\\n").encode())
                    response = http.client.HTTPResponse(client, method="GET")
                    response.begin()
                    result["responses"].append({
                        "status": response.status,
                        "challenge": response.getheader("WWW-Authenticate"),
                        "body": response.read().decode(),
                    })
                client.close()
            except (OSError, http.client.HTTPException) as error:
                result["error"] = str(error) or type(error).__name__
        json.dump(results, sys.stdout)
        """

    /// Runs sessions one after the other and returns their results in order.
    package static func run(_ sessions: [Session]) async throws -> [Result] {
        let finished = try await TestSupport.run(
            tool(named: "python3", package: "python3"),
            ["-c", program],
            input: Array(JSONEncoder().encode(sessions))
        )
        guard finished.ending == .exit(0) else { throw TestError("TLSProbe: \(finished.log)") }
        return try JSONDecoder().decode([Result].self, from: Data(finished.output.utf8))
    }
}
