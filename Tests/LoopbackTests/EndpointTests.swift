import Foundation
import TestSupport
import Testing

/// The responses of a real node at each path, as in contracts/http.md.
@Suite struct EndpointTests {
    private static let json = "application/json"
    private static let text = "text/plain; version=0.0.4; charset=utf-8"
    private static let html = "text/html; charset=utf-8"

    /// Path, status of a GET, content type, and the error if it is one.
    private static let paths: [(path: String, status: Int, type: String, error: String?)] = [
        ("/federation/sync/summary", 200, json, nil),
        ("//federation/sync/summary", 200, json, nil),
        ("/federation/sync/summary?a=b&c=/d", 200, json, nil),
        ("/federation/sync/summary/", 404, json, "not_found"),
        ("///federation/sync/summary", 404, json, "not_found"),
        ("/federation//sync/summary", 404, json, "not_found"),
        ("/federation/health", 200, json, nil),
        ("/federation/health?", 200, json, nil),
        ("/federation/health/", 404, json, "not_found"),
        ("//federation/health", 404, json, "not_found"),
        ("/federation/wisdom", 200, json, nil),
        ("/federation/wisdom/", 404, json, "not_found"),
        ("/federation/sd", 200, json, nil),
        ("/federation/sd?node=1", 200, json, nil),
        ("/federation/sd/", 404, json, "not_found"),
        ("/federation", 404, json, "not_found"),
        ("/federation/", 404, json, "not_found"),
        ("/metrics", 200, text, nil),
        ("/metrics?name[]=up", 200, text, nil),
        ("/metrics/", 404, json, "not_found"),
        ("/health", 200, json, nil),
        ("/health/", 404, json, "not_found"),
        ("/ready", 200, json, nil),
        ("/ready/", 404, json, "not_found"),
        ("/", 200, html, nil),
        ("/?state=up", 200, html, nil),
        ("/?state=bad", 400, html, nil),
        ("/peers/nobody", 404, html, nil),
        ("/peers", 404, json, "not_found"),
        ("/nothing", 404, json, "not_found"),
        ("/HEALTH", 404, json, "not_found"),
        ("/%68ealth", 404, json, "not_found"),
    ]

    /// Checks that an error has exactly the fields `error` and `message`.
    private static func expectError(_ name: String, _ answer: HTTPMessage, _ what: String) throws {
        let object = try JSONSerialization.jsonObject(with: Data(answer.body))
        let fields = try #require(object as? [String: String], "\(what)")
        #expect(fields.keys.sorted() == ["error", "message"], "\(what)")
        #expect(fields["error"] == name, "\(what)")
        #expect(fields["message"]?.isEmpty == false, "\(what)")
    }

    /// Whether the headers forbid guessing the content type and caching.
    private static func isGuarded(_ answer: HTTPMessage) -> Bool {
        answer.header("x-content-type-options") == "nosniff"
            && answer.header("cache-control") == "no-store"
    }

    @Test func `each path has its status, content type and headers`() async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "peer"))
        try await withNode(peers: [peer.url]) { node in
            for (path, status, type, error) in Self.paths {
                let answer = try await node.probe.get(path)
                #expect(answer.status == status, "\(path)")
                #expect(answer.header("content-type") == type, "\(path)")
                #expect(answer.header("content-length") == "\(answer.body.count)", "\(path)")
                #expect(Self.isGuarded(answer), "\(path)")
                if let error { try Self.expectError(error, answer, path) }
                let head = try await node.probe.get(path, method: "HEAD")
                #expect(Self.isGuarded(head), "HEAD \(path)")
                #expect(head.status == status && head.body.isEmpty, "HEAD \(path)")
                #expect(head.header("content-type") == type, "HEAD \(path)")
                #expect(head.header("content-length") != "0", "HEAD \(path)")
            }
        }
    }

    @Test func `other methods than GET and HEAD are a 405 that names these two`() async throws {
        let methods = [
            "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "X",
        ]
        try await withNode { node in
            for (path, _, _, _) in Self.paths {
                for method in methods {
                    let answer = try await node.probe.get(path, method: method)
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(answer.header("allow") == "GET, HEAD", "\(method) \(path)")
                    #expect(Self.isGuarded(answer), "\(method) \(path)")
                    try Self.expectError("method_not_allowed", answer, "\(method) \(path)")
                }
            }
            let body = Array(
                "POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8
            )
            let (bytes, isClosed) = try await node.probe.exchange(body)
            #expect(HTTPMessage(bytes)?.status == 405 && isClosed)
        }
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "GET /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n",
        "GET /health%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: <a>\r\n\r\n",
        "GET /health HTTP/1.1\nHost: a\n\n",
    ])
    func `a malformed request is a 400 and its connection is closed`(request: String) async throws {
        try await withNode { node in
            let next = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n"
            let (bytes, isClosed) = try await node.probe.exchange(Array((request + next).utf8))
            let answer = try #require(HTTPMessage(bytes))
            #expect(answer.status == 400 && isClosed && Self.isGuarded(answer))
            // The next request on the connection is not answered.
            #expect(!String(decoding: bytes, as: UTF8.self).contains("\"ready\""))
            #expect(try await node.probe.get("/health").status == 200)
        }
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0",
        "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 0 ",
        "GET http://a:8100/health HTTP/1.1\r\nHost: a:8100",
        "GET HTTP://A/health?x HTTP/1.1\r\nHost: b",
        "GET /health HTTP/1.2\r\nHost: a",
    ])
    func `an unusual but valid request is answered and counted under its path`(
        request: String
    ) async throws {
        try await withNode { node in
            let (bytes, _) = try await node.probe.exchange(
                Array((request + "\r\nConnection: close\r\n\r\n").utf8)
            )
            #expect(HTTPMessage(bytes)?.status == 200)
            let counts = ServedNode.series(
                "nova_federation_http_requests_total",
                in: try await node.page("/metrics")
            )
            #expect(counts[#"{code="200",path="/health"}"#] == 1)
        }
    }

    @Test func `the targets page never contains an invalid Host`()
        async throws
    {
        try await withNode { node in
            for (host, status) in [
                ("", 200), ("127.1:80", 200), ("a:0", 200), ("a:65536", 400), ("a,b", 200),
                (#"a","x":"b"#, 400), ("<script>", 400), ("a b", 400), ("u@a", 400),
            ] {
                let request = "GET /federation/sd HTTP/1.1\r\nHost: \(host)\r\n"
                let (bytes, _) = try await node.probe.exchange(
                    Array((request + "Connection: close\r\n\r\n").utf8)
                )
                let answer = try #require(HTTPMessage(bytes))
                #expect(answer.status == status, "\(host)")
                #expect(host.isEmpty || !answer.text.contains(host), "\(host)")
                guard status == 200 else { continue }
                #expect(answer.text.contains(#"["127.0.0.1:\#(node.port)"]"#), "\(host)")
            }
        }
    }

    @Test func `disabled metrics are a 404 that names the setting`() async throws {
        try await withNode(["NOVA_ENABLE_PROMETHEUS": "0"]) { node in
            let answer = try await node.probe.get("/metrics")
            #expect(answer.status == 404)
            try Self.expectError("metrics_disabled", answer, "/metrics")
            #expect(answer.text.contains("NOVA_ENABLE_PROMETHEUS=1"))
        }
    }

    @Test func `the paths of disabled federation are a 404 that names the setting`()
        async throws
    {
        try await withNode(["FEDERATION_ENABLED": "0"]) { node in
            for (path, _, _, _) in Self.paths where path.contains("federation/s") {
                let answer = try await node.probe.get(path)
                #expect(answer.status == 404, "\(path)")
                guard !path.hasPrefix("///") else { continue }
                try Self.expectError("federation_disabled", answer, path)
                #expect(answer.text.contains("FEDERATION_ENABLED=1"))
            }
            for path in ["/health", "/ready", "/metrics"] {
                #expect(try await node.probe.get(path).status == 200, "\(path)")
            }
        }
    }

    @Test func `the summary has a length and is not compressed`() async throws {
        try await withNode { node in
            let answer = try await node.probe.get("/federation/sync/summary")
            #expect(answer.firstLine == "HTTP/1.1 200 OK")
            let names = Set(answer.headers.map(\.name))
            #expect(
                names == [
                    "date", "connection", "content-type", "content-length", "cache-control",
                    "x-content-type-options",
                ]
            )
            #expect(answer.header("content-length") == "\(answer.body.count)")
            let zipped = try await node.probe.get(
                "/federation/sync/summary",
                headers: [
                    (name: "Accept-Encoding", value: "gzip, br"), (name: "Accept", value: "x"),
                ]
            )
            #expect(zipped.header("content-encoding") == nil)
            #expect(zipped.header("content-type") == Self.json)
        }
    }

    @Test func `one connection carries a thousand requests, and each is counted`() async throws {
        try await withNode { node in
            let paths = ["/health", "/federation/sync/summary", "/ready", "/metrics"]
            let answered = try await onNewThread {
                let connection = try KeepAliveConnection(port: node.port)
                defer { connection.close() }
                return (0..<1000).count { connection.get(paths[$0 % 4])?.status == 200 }
            }
            #expect(answered == 1000)
            let counts = ServedNode.series(
                "nova_federation_http_requests_total",
                in: try await node.page("/metrics")
            )
            #expect(counts[#"{code="200",path="/health"}"#] == 250)
            #expect(counts[#"{code="200",path="/federation/sync/summary"}"#] == 250)
            #expect(counts[#"{code="200",path="/metrics"}"#] == 250)
        }
    }
}
