import MicroHTTPServer
import Testing

/// A request head, the status of its response, and the rule for it.
struct RawRequest: CustomTestStringConvertible {
    let head: String
    let status: Int
    let testDescription: String

    init(_ head: String, _ status: Int, _ reason: String) {
        self.head = head
        self.status = status
        testDescription = reason
    }

    /// A request for `/p`, and no host but `a`.
    private init(fields: String, _ status: Int, _ reason: String) {
        self.init("GET /p HTTP/1.1\r\n\(fields)\r\n", status, reason)
    }

    private init(target: String, _ status: Int, _ reason: String) {
        self.init("GET \(target) HTTP/1.1\r\nHost: a\r\n", status, reason)
    }

    private init(host: String, _ status: Int, _ reason: String) {
        self.init(fields: "Host: \(host)", status, "\(reason): \(host)")
    }

    private init(length: String, _ status: Int, _ reason: String) {
        self.init(fields: "Host: a\r\nContent-Length:\(length)", status, reason)
    }

    static let versions = [
        RawRequest("GET /p HTTP/1.1\r\nHost: a\r\n", 200, "the version that is spoken here"),
        RawRequest("GET /p HTTP/1.2\r\nHost: a\r\n", 200, "a higher minor one: RFC 9110, 2.5"),
        RawRequest("GET /p HTTP/1.9\r\nHost: a\r\n", 200, "the highest minor one"),
        RawRequest("GET /p HTTP/1.2\r\n", 400, "a higher minor one needs a Host as well"),
        RawRequest("GET /p HTTP/1.0\r\n", 200, "1.0 does without Host"),
        RawRequest("GET http://a/p HTTP/1.0\r\n", 200, "1.0 may use the absolute form"),
        RawRequest("GET /p HTTP/2.0\r\nHost: a\r\n", 505, "a higher major one: RFC 9110, 15.6.6"),
        RawRequest("GET /p HTTP/3.1\r\nHost: a\r\n", 505, "a much higher major one"),
        RawRequest("GET /p HTTP/0.9\r\nHost: a\r\n", 505, "a lower major one"),
        RawRequest("GET /p http/1.1\r\nHost: a\r\n", 400, "the name is in capitals: RFC 9112, 2.3"),
        RawRequest("GET /p HTTP/1.1 \r\nHost: a\r\n", 400, "nothing follows the version"),
    ]

    static let targets = [
        RawRequest(target: "http://a/p", 200, "absolute form: RFC 9112, 3.2.2"),
        RawRequest(target: "http://a:8100/p", 200, "absolute form with a port"),
        RawRequest(target: "http://a:/p", 200, "an empty port is the default: RFC 3986, 3.2.3"),
        RawRequest(target: "HTTP://A/p", 200, "schemes have no case: RFC 3986, 3.1"),
        RawRequest(target: "http://[::1]:8100/p", 200, "an IPv6 host"),
        RawRequest(target: "http://%61/p", 200, "an escape in a name"),
        RawRequest(target: "http://other.example/p", 200, "the target overrules the Host header"),
        RawRequest(target: "http://a/p?q=http://b/#".replacing("#", with: "%23"), 200, "a query"),
        RawRequest(target: "http://a", 404, "no path is the path /: RFC 9110, 4.2.3"),
        RawRequest(target: "http://a?q", 404, "no path and a query"),
        RawRequest(target: "http://a//p", 404, "two slashes are another path"),
        RawRequest(target: "https://a/p", 421, "not over TLS: RFC 9110, 7.4"),
        RawRequest(target: "ftp://a/p", 421, "no resource of an HTTP server"),
        RawRequest(target: "http:///p", 400, "no host: RFC 9110, 4.2.1"),
        RawRequest(target: "http://:80/p", 400, "a port and no host"),
        RawRequest(target: "http://u@a/p", 400, "a user: RFC 9110, 4.2.4"),
        RawRequest(target: "http://u:p@a/p", 400, "a user and a password"),
        RawRequest(target: "http://a:b/p", 400, "a port that is no number"),
        RawRequest(target: "http://a:65535/p", 200, "the greatest port"),
        RawRequest(target: "http://a:00080/p", 200, "zeros before a port"),
        RawRequest(target: "http://a:65536/p", 400, "a port beyond 65535"),
        RawRequest(target: "http://[::1]:99999/p", 400, "a port beyond 65535, of an address"),
        RawRequest(target: "http://a:99999999999999999999/p", 400, "a port beyond 64 bits"),
        RawRequest(target: "http://[::1/p", 400, "an open bracket"),
        RawRequest(target: "http://[a]/p", 400, "no address in brackets"),
        RawRequest(target: "http://a,b c/p", 400, "a blank"),
        RawRequest(target: "http:/a/p", 400, "one slash"),
        RawRequest(target: "://a/p", 400, "no scheme"),
        RawRequest(target: "1http://a/p", 400, "a scheme begins with a letter"),
        RawRequest(target: "a:80", 400, "authority form is for CONNECT: RFC 9112, 3.2.3"),
        RawRequest(target: "*", 400, "asterisk form is for OPTIONS: RFC 9112, 3.2.4"),
        RawRequest(target: "p", 400, "no slash"),
        RawRequest(target: "?q", 400, "a query alone"),
        RawRequest(target: "/p?q=/../%2F;:@", 200, "a query is ignored"),
        RawRequest(target: "/p#f", 400, "a fragment is never sent: RFC 9110, 7.1"),
        RawRequest(target: "/p?q#f", 400, "a fragment behind a query"),
        RawRequest(target: "/p%zz", 400, "an escape that is none: RFC 3986, 2.1"),
        RawRequest(target: "/p?q=%", 400, "a percent sign at the end"),
        RawRequest(target: "/p%4", 400, "half of an escape"),
        RawRequest(target: "/%70", 404, "escapes are not undone, so no filter is passed by"),
        RawRequest(target: "/./p", 404, "nor are dots"),
        RawRequest("OPTIONS * HTTP/1.1\r\nHost: a\r\n", 405, "asterisk form"),
        RawRequest("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n", 405, "authority form"),
        RawRequest("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n", 405, "OPTIONS in absolute form"),
    ]

    static let hosts = [
        RawRequest(fields: "Host:", 200, "an empty Host: RFC 9112, 3.2"),
        RawRequest(fields: "Host: a \t ", 200, "blanks behind it: RFC 9112, 5"),
        RawRequest(fields: "Host:\t a:8100", 200, "blanks before it"),
        RawRequest(fields: "HOST: a", 200, "names have no case"),
        RawRequest(host: "[2001:db8::1]:8100", 200, "an IPv6 address"),
        RawRequest(host: "[v7.a:b]", 200, "an address of a later kind"),
        RawRequest(host: "a:", 200, "an empty port"),
        RawRequest(host: "a_b.example", 200, "a registered name"),
        RawRequest(host: "a%20b", 200, "an escape"),
        RawRequest("GET http://a/p HTTP/1.1\r\nHost: b\r\n", 200, "a mismatch is ignored"),
        RawRequest("GET http://a/p HTTP/1.1\r\n", 400, "the absolute form needs a Host as well"),
        RawRequest("GET http://a/p HTTP/1.1\r\nHost: b c\r\n", 400, "and a valid one"),
        RawRequest(host: "a b", 400, "a blank inside"),
        RawRequest(host: "a/b", 400, "a path"),
        RawRequest(host: "http://a", 400, "a URL"),
        RawRequest(host: "u@a", 400, "a user"),
        RawRequest(host: "a:b", 400, "a port that is no number"),
        RawRequest(host: "a:65535", 200, "the greatest port"),
        RawRequest(host: "a:65536", 400, "a port beyond 65535"),
        RawRequest(host: "[::1]:99999", 400, "a port beyond 65535, of an address"),
        RawRequest(host: "a:99999999999999999999", 400, "a port beyond 64 bits"),
        RawRequest(host: "a:80:80", 400, "two ports"),
        RawRequest(host: "::1", 400, "an address without brackets"),
        RawRequest(host: "[::1", 400, "an open bracket"),
        RawRequest(host: "[::1]a", 400, "text behind a bracket"),
        RawRequest(host: "[1.2.3.4]", 400, "an IPv4 address in brackets"),
        RawRequest(host: "[fe80::1%25eth0]", 400, "a zone"),
        RawRequest(host: "a%2", 400, "half of an escape"),
        RawRequest(host: #"a","b"#, 400, "a quote"),
        RawRequest(host: "<b>", 400, "markup"),
        RawRequest(host: "\u{E9}", 400, "a letter outside ASCII"),
    ]

    static let lengths = [
        RawRequest(length: "0", 200, "no blank"),
        RawRequest(length: " 0 ", 200, "a blank behind it: RFC 9112, 5"),
        RawRequest(length: "\t 0 \t", 200, "blanks and tabs"),
        RawRequest(length: " 5", 400, "a body"),
        RawRequest(length: " 00", 200, "a zero of two digits: 1*DIGIT, RFC 9110, 8.6"),
        RawRequest(length: String(repeating: "0", count: 100), 200, "a zero of many digits"),
        RawRequest(length: " 05", 400, "a body, and a zero before its length"),
        RawRequest(length: " ", 400, "no number"),
        RawRequest(length: " 0 0", 400, "two numbers"),
        RawRequest(length: " 0,0", 400, "a list"),
        RawRequest(length: " +0", 400, "a sign"),
        RawRequest(length: " 0x0", 400, "a hexadecimal number"),
        RawRequest(length: " 99999999999999999999", 400, "more than 64 bits"),
        RawRequest(length: " 0 \r\nContent-Length: 0", 400, "twice"),
        RawRequest(length: " 0 \r\nTransfer-Encoding: chunked", 400, "both lengths"),
        RawRequest(fields: "Host: a\r\nX-Y:", 200, "an empty value"),
        RawRequest(fields: "Host: a\r\nX-Y: \t b \t", 200, "blanks around any value"),
        RawRequest(fields: "Host: a\r\nX-Y : b", 400, "a blank before the colon"),
        RawRequest(fields: " X-Y: b\r\nHost: a", 400, "a blank before the first line"),
        RawRequest(
            fields: "Host: a\r\nExpect: 100-continue \r\nContent-Length: 0 ",
            200,
            "expects"
        ),
    ]
}

/// The requests that RFC 9110 and 9112 require a server to answer or to refuse.
@Suite(.timeLimit(.minutes(2)))
struct RequestFormTests {
    private static let routes: Routes = {
        let (found, missing) = (Page(text("p")), Page(text("-", status: 404)))
        return Routes { .page($0.path == "/p" ? found : missing) }
    }()

    @Test(
        arguments: RawRequest.versions + RawRequest.targets + RawRequest.hosts + RawRequest.lengths
    )
    func `a request is answered as the RFC has it`(request: RawRequest) async throws {
        try await withServer(Self.routes) { server in
            let client = try Client(port: server.port)
            try await client.send(request.head + "\r\n")
            let reply = try await client.reply()
            #expect(reply.status == request.status)
            guard [200, 404].contains(request.status) else {
                #expect(try await client.remainder().isEmpty || request.status == 505)
                return
            }
            // Nothing of it is left on the connection, if that stays.
            guard !reply.closes, !request.head.contains("HTTP/1.0") else { return }
            try await client.send("GET /p HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().body == "p")
        }
    }

    @Test
    func `a close with a blank behind it closes`() async throws {
        try await withServer(Self.routes) { server in
            let client = try Client(port: server.port)
            try await client.send("GET /p HTTP/1.1\r\nHost: a\r\nConnection: close \t\r\n\r\n")
            #expect(try await client.reply().closes)
            #expect(try await client.remainder().isEmpty)
        }
    }

    @Test(arguments: [
        ("GET http://B:81/p?q HTTP/1.1\r\nHost: a", "/p B:81"),
        ("GET http://b HTTP/1.1\r\nHost: a", "/ b"),
        ("GET /p HTTP/1.1\r\nHost: a:1 \t", "/p a:1"),
        ("GET http://b/p HTTP/1.0", "/p b"),
    ])
    func `the handler gets path and host, whatever the form of the target`(
        head: String,
        received: String
    ) async throws {
        let record = Record()
        let routes = Routes { .page(Page(text("\($0.path) \($0.host ?? "-")"))) }
        try await withServer(routes, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send(head + "\r\n\r\n")
            #expect(try await client.reply().body == received)
        }
        // What is counted is the path too, not the form.
        #expect(record.paths == [String(received.split(separator: " ")[0])])
    }

    @Test(arguments: [
        ("127.0.0.1", false, "127.0.0.1"), ("::", false, "127.0.0.1"),
        ("::1", true, "[::1]"),
    ])
    func `the handler gets the address at which a client reached the server`(
        listens: String,
        isIPv6: Bool,
        host: String
    ) async throws {
        let routes = Routes { .page(Page(text($0.reachedAt ?? "-"))) }
        try await withServer(routes, configuration: .loopback(host: listens)) { server in
            let client = try Client(port: server.port, isIPv6: isIPv6)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().body == "\(host):\(server.port)")
        }
    }
}
