import MicroHTTPServer
import Testing

/// A malformed request and its fault.
struct Malformed: CustomTestStringConvertible {
    let testDescription: String
    let bytes: String

    init(_ fault: String, _ bytes: String) {
        testDescription = fault
        self.bytes = bytes
    }

    static let table = [
        Malformed("both lengths", post("Content-Length: 4\r\nTransfer-Encoding: chunked")),
        Malformed(
            "both lengths in reverse order",
            post("Transfer-Encoding: chunked\r\nContent-Length: 4")
        ),
        Malformed("both lengths on GET", get("Content-Length: 0\r\nTransfer-Encoding: chunked")),
        Malformed("one length twice", post("Content-Length: 0\r\nContent-Length: 0")),
        Malformed("two lengths", post("Content-Length: 0\r\nContent-Length: 30")),
        Malformed("two lengths on GET", get("Content-Length: 0\r\nContent-Length: 30")),
        Malformed("two lengths, one in capitals", get("Content-Length: 0\r\nCONTENT-LENGTH: 0")),
        Malformed("two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x")),
        Malformed("an encoding on GET", get("Transfer-Encoding: chunked")),
        Malformed("identity on GET", get("Transfer-Encoding: identity")),
        Malformed(
            "an encoding on HEAD",
            "HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Malformed("a body on GET", get("Content-Length: 5") + "hello"),
        Malformed("a body on HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
        Malformed("two hosts", get("Host: b")),
        Malformed("the same host twice", get("Host: a")),
        Malformed("no host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"),
        Malformed("no headers", "GET / HTTP/1.1\r\n\r\n"),
        Malformed("no host in a later HTTP/1", "GET / HTTP/1.9\r\nAccept: */*\r\n\r\n"),
        Malformed("two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
        Malformed("NUL in the path", line("GET /a\0b HTTP/1.1")),
        Malformed("NUL at the end of the path", line("GET /a\0 HTTP/1.1")),
        Malformed("NUL and a version in the path", line("GET /a\0HTTP/1.1 HTTP/1.1")),
        Malformed("NUL in the query", line("GET /a?b=\0c HTTP/1.1")),
        Malformed("NUL before the query", line("GET /a\0?b HTTP/1.1")),
        Malformed("an escaped NUL in the path", line("GET /a%00b HTTP/1.1")),
        Malformed("an escaped NUL in the query", line("GET /a?b=%00 HTTP/1.1")),
        Malformed("NUL in a value", get("X: a\0b")),
        Malformed("NUL that hides a length", get("X: a\0\r\nContent-Length: 5\r\nY: b\0c")),
        Malformed("NUL before a header", get("\0Content-Length: 5")),
        Malformed("a line of NUL", get("\0")),
        Malformed("a folded value", get("X: a\r\n b")),
        Malformed("a value folded with a tab", get("X: a\r\n\tb")),
        Malformed("a folded length", get("Content-Length:\r\n 5")),
        Malformed("a folded last header", "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n"),
        Malformed("a bare CR in a value", get("X: a\rContent-Length: 5")),
        Malformed("a bare CR in the path", line("GET /a\rb HTTP/1.1")),
        Malformed("a bare LF after a header", get("X: a\nContent-Length: 0")),
        Malformed("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        Malformed("a bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        Malformed("bare LFs only", "GET / HTTP/1.0\nHost: a\n\n"),
        Malformed("a blank before the colon", get("X : a")),
        Malformed("a tab before the colon", get("X\t: a")),
        Malformed("a blank length", get("Content-Length : 5")),
        Malformed("an empty name", get(": a")),
        Malformed("a bracket in a name", get("X(y): a")),
        Malformed("a control character in a value", get("X: a\u{1}b")),
        Malformed("a delete in a value", get("X: a\u{7F}b")),
        Malformed("a blank in the path", line("GET /a b HTTP/1.1")),
        Malformed("a tab in the path", line("GET /a\tb HTTP/1.1")),
        Malformed("two blanks before the path", line("GET  /a HTTP/1.1")),
        Malformed("two blanks after the path", line("GET /a  HTTP/1.1")),
        Malformed("a path outside ASCII", line("GET /\u{E9} HTTP/1.1")),
        Malformed("an authority as the target", line("GET a:80 HTTP/1.1")),
        Malformed("an asterisk as the target", line("GET * HTTP/1.1")),
        Malformed("a query as the target", line("GET ?a HTTP/1.1")),
    ]

    /// Invalid lengths, which are refused here because the library never sees them.
    static let badLengths = [
        Malformed("a negative length", get("Content-Length: -1")),
        Malformed("a signed length", get("Content-Length: +5")),
        Malformed("a hexadecimal length", get("Content-Length: 0x5")),
        Malformed("a list of lengths", get("Content-Length: 5, 5")),
        Malformed("an empty length", get("Content-Length:")),
        Malformed("a length beyond 64 bits", get("Content-Length: 99999999999999999999")),
        Malformed("an invalid length with another method", post("Content-Length: 0x5")),
    ]

    /// Requests that the library refuses itself, with its own page.
    static let refusedByLibrary = [
        Malformed("no version", line("GET /")),
        Malformed("no target", line("GET")),
        Malformed("a version of two digits", line("GET / HTTP/1.11")),
        Malformed("a version in lower case", line("GET / http/1.1")),
        Malformed("HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Malformed("HTTP/0.9", "GET /\r\n"),
        Malformed("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}\r\n\r\n"),
        Malformed("a header without a colon", get("X")),
        Malformed("NUL in a name", get("Content-\0Length: 5")),
        Malformed("NUL before the method", "\0" + line("GET / HTTP/1.1")),
    ]

    /// Larger than the memory of a connection.
    static let tooLarge = [
        Malformed("a large header", get("X: " + String(repeating: "x", count: 100_000))),
        Malformed("many headers", get(String(repeating: "X: y\r\n", count: 20_000))),
        Malformed("a long path", line("GET /\(String(repeating: "x", count: 100_000)) HTTP/1.1")),
        Malformed("many queries", line("GET /?\(String(repeating: "a&", count: 3000)) HTTP/1.1")),
        Malformed("no line at all", String(repeating: "x", count: 100_000)),
    ]

    private static func line(_ line: String) -> String { line + "\r\nHost: a\r\n\r\n" }

    private static func get(_ fields: String) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    }

    private static func post(_ fields: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    }
}

@Suite(.timeLimit(.minutes(2)))
struct HeadTests {
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: Malformed.table + Malformed.badLengths)
    func `an ambiguous request gets 400, and nothing after it is read`(
        malformed: Malformed
    ) async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send(malformed.bytes + Self.smuggled)
            let isHead = malformed.bytes.hasPrefix("HEAD")
            let reply = try await client.reply(toHead: isHead)
            #expect(reply.status == 400)
            #expect(reply.closes)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(isHead || reply.body.hasPrefix(#"{"error":"bad_request","message":"#))
            #expect(try await client.remainder().isEmpty)
        }
        #expect(record.statuses == [400])
    }

    @Test(arguments: Malformed.refusedByLibrary)
    func `an invalid request gets no page, and nothing after it is read`(
        malformed: Malformed
    ) async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            try await client.send(malformed.bytes + Self.smuggled)
            let answer = try await client.remainder()
            #expect(!answer.contains("hello"))
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5")
            )
        }
        #expect(record.statuses.allSatisfy { $0 == 400 })
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost:a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\t a\r\nX:\r\nY: \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \t b c \t \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\nCookie: e\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX!#$%&'*+-.^_`|~9: \u{E9}\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /~a!$&'()*+,;=:@%7e?/?[]{}\" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
    ])
    func `an unusual request with one meaning is answered`(request: String) async throws {
        let record = Record()
        try await withServer(Routes.hello, record: record) { server in
            let client = try Client(port: server.port)
            for _ in 1...3 {
                try await client.send(request)
                var reply = try await client.reply(toHead: request.hasPrefix("HEAD"))
                if reply.status == 100 { reply = try await client.reply() }
                #expect(reply.status == 200)
            }
        }
        #expect(record.statuses == [200, 200, 200])
    }

    @Test
    func `a head may arrive byte by byte`() async throws {
        try await withServer(Routes.hello) { server in
            let client = try Client(port: server.port)
            for byte in "GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n".utf8 {
                try await client.send([byte])
                try await Task.sleep(for: .microseconds(300))
            }
            #expect(try await client.reply().status == 200)
        }
    }

    @Test
    func `a head of ten kilobytes is accepted`() async throws {
        let field = "X: \(String(repeating: "x", count: 95))\r\n"
        try await withServer(Routes.hello) { server in
            let client = try Client(port: server.port)
            for count in [1, 40, 90, 1] {
                let fields = String(repeating: field, count: count)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
                #expect(try await client.reply().status == 200)
            }
        }
    }

    @Test(arguments: Malformed.tooLarge)
    func `a large head is refused, and the server continues`(malformed: Malformed) async throws {
        let record = Record()
        try await withServer(
            Routes.hello,
            record: record,
            configuration: .loopback().with(\.idleTimeout, .seconds(1))
        ) { server in
            let client = try Client(port: server.port)
            try await client.send(malformed.bytes)
            let answer = try await client.remainder()
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 414")
                    || answer.hasPrefix("HTTP/1.1 431")
            )
            let other = try Client(port: server.port)
            try await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await other.reply().status == 200)
        }
        #expect(record.statuses == [200])
    }
}
