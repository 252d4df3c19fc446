import MicroHTTPServer
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ServingTests {
    @Test
    func `a thousand requests share one connection`() async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            for number in 1...1000 {
                try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.body == "hello")
                #expect(!reply.closes)
            }
        }
        #expect(record.paths == (1...1000).map { "/\($0)" })
    }

    @Test
    func `pipelined requests are answered in order`() async throws {
        let routes = Routes { request in
            request.path == "/3"
                ? .queued { text("computed /3") }
                : .page(Page(text(request.path)))
        }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            try await client.send(
                (1...9).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            )
            for number in 1...9 {
                let reply = try await client.reply()
                #expect(reply.body == (number == 3 ? "computed /3" : "/\(number)"))
            }
        }
    }

    @Test
    func `a HEAD gets the headers of the GET and no body`() async throws {
        let routes = Routes { request in
            request.path == "/computed"
                ? .queued { text("computed") } : .page(Page(text("ready")))
        }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            for (path, length) in [("/computed", 8), ("/ready", 5), ("/computed", 8)] {
                try await client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = try await client.reply(toHead: true)
                #expect(reply.status == 200)
                #expect(reply.length == length)
                #expect(reply.headers["content-type"] == "text/plain")
            }
        }
    }

    @Test
    func `the handler gets the path as sent, without the query`() async throws {
        let routes = Routes { .page(Page(text("\($0.path) \($0.accept ?? "-")"))) }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            try await client.send("GET //a%2Fb/?x=%20&y HTTP/1.1\r\nhOST: a\r\nACCEPT: z/z\r\n\r\n")
            #expect(try await client.reply().body == "//a%2Fb/ z/z")
            try await client.send("GET /?a=1?b=2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try await client.reply().body == "/ -")
        }
    }

    @Test
    func `the handler gets the host of the request`() async throws {
        let routes = Routes { .page(Page(text($0.host ?? "-"))) }
        try await withServer(routes) { server in
            let client = try Client(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nhOST:  [::1]:81\r\n\r\n")
            #expect(try await client.reply().body == "[::1]:81")
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.reply().body == "-")
        }
    }

    @Test
    func `the response of the handler is sent and observed`() async throws {
        let record = Record()
        let page = Page(.error(404, "not_found", "there is nothing here", headers: [("X-A", "b")]))
        try await withServer(Routes { _ in .page(page) }, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = try await client.reply()
            #expect(reply.status == 404)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.headers["x-a"] == "b")
            #expect(reply.body == #"{"error":"not_found","message":"there is nothing here"}"#)
        }
        #expect(record.paths == ["/none"])
        #expect(record.statuses == [404])
    }

    @Test
    func `HTTP 1.0 needs no Host, and closes unless keep-alive is requested`() async throws {
        try await withServer(Routes.hello) { server in
            let client = try Client(port: server.port)
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.reply().status == 200)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await client.remainder().hasSuffix("\r\n\r\nhello"))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "BREW"])
    func `any other method is refused, and its connection closed`(method: String) async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send("\(method) /a HTTP/1.1\r\nHost: a\r\n\r\n")
            let reply = try await client.reply()
            #expect(reply.status == 405)
            #expect(reply.headers["allow"] == "GET, HEAD")
            #expect(reply.closes)
            #expect(reply.body.hasPrefix(#"{"error":"method_not_allowed","message":"#))
            #expect(try await client.remainder().isEmpty)
        }
        #expect(record.paths == ["/a"])
    }

    @Test
    func `a body is refused before it is read`() async throws {
        try await withServer(Routes.hello) { server in
            let client = try Client(port: server.port)
            try await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nbegin"
            )
            #expect(try await client.reply().status == 405)
            #expect(try await client.remainder().isEmpty)
            let waiting = try Client(port: server.port)
            try await waiting.send(
                "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
            )
            #expect(try await waiting.reply().status == 405)
        }
    }

    @Test
    func `a page larger than any buffer arrives complete`() async throws {
        let body = String(repeating: "0123456789abcdef", count: 500_000)
        try await withServer(Routes { _ in .queued { text(body) } }) { server in
            let client = try Client(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().body == body)
        }
    }

    @Test
    func `an empty page is served`() async throws {
        let page = Page(text(""))
        try await withServer(Routes { _ in .page(page) }) { server in
            let client = try Client(port: server.port)
            for _ in 0..<2 {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply.headers["content-length"] == "0")
            }
        }
    }

    @Test
    func `IPv6 is served`() async throws {
        try await withServer(Routes.hello, configuration: .loopback(host: "::1")) { server in
            let client = try Client(port: server.port, isIPv6: true)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().status == 200)
        }
    }

    @Test(arguments: ["0.0.0.0", "::"])
    func `a wildcard address serves IPv4`(host: String) async throws {
        try await withServer(Routes.hello, configuration: .loopback(host: host)) { server in
            let client = try Client(port: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().status == 200)
        }
    }

    @Test
    func `an error names a port that is in use`() async throws {
        try await withServer(Routes.hello) { server in
            #expect(throws: ServerError.addressInUse("127.0.0.1:\(server.port)")) {
                try MicroHTTPServer(
                    Configuration(host: "127.0.0.1", port: server.port),
                    handler: Routes.hello,
                    log: { _ in },
                    observe: { _, _ in }
                )
            }
        }
    }

    @Test
    func `an address of another machine is refused with the reason`() throws {
        let error = #expect(throws: ServerError.self) {
            try MicroHTTPServer(
                Configuration(host: "192.0.2.1", port: 0),
                handler: Routes.hello,
                log: { _ in },
                observe: { _, _ in }
            )
        }
        let reason = "cannot listen on 192.0.2.1:0: Cannot assign requested address"
        #expect(error == .cannotListen(reason))
    }
}
