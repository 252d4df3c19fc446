import CurlClient
import TestSupport
import Testing

/// The behaviour of a peer, and the outcome of a fetch from it.
@Suite struct ResponseTests {
    /// The behaviour of one peer and the expected outcome.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let script: Script
        let words: String

        var testDescription: String { name }

        init(_ name: String, _ script: Script, _ words: String) {
            self.name = name
            self.script = script
            self.words = words
        }

        /// A peer that sends these lines and closes the connection.
        init(_ name: String, lines: [String], _ words: String) {
            let text = lines.joined(separator: "\r\n")
            self.init(name, .answerThenClose(Array(text.utf8)), words)
        }
    }

    static let documents = [
        Case(
            "a body of announced length",
            .answer(response(body: "12345")),
            "document 200, 5 bytes"
        ),
        Case("an empty body", .answer(response(body: "")), "document 200, 0 bytes"),
        Case("another 2xx", .answer(response(203, body: "1")), "document 203, 1 bytes"),
        Case("a 204", lines: ["HTTP/1.1 204 None", "", ""], "document 204, 0 bytes"),
        Case(
            "a body until the end",
            lines: ["HTTP/1.0 200 OK", "", "123"],
            "document 200, 3 bytes"
        ),
        Case(
            "chunks",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "2", "ab", "0", "", ""],
            "document 200, 2 bytes"
        ),
        Case(
            "an interim answer before",
            lines: ["HTTP/1.1 100 Continue", "", "HTTP/1.1 200 OK", "Content-Length: 1", "", "a"],
            "document 200, 1 bytes"
        ),
        Case(
            "the same length twice",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 1", "", "a"],
            "document 200, 1 bytes"
        ),
        Case(
            "the same length in other digits",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 01", "", "a"],
            "document 200, 1 bytes"
        ),
        Case(
            "an encoding that is none",
            .answer(response(headers: ["Content-Encoding: identity"], body: "abc")),
            "document 200, 3 bytes"
        ),
        Case(
            "the largest body",
            .answer(response(body: String(repeating: "a", count: 65_536))),
            "document 200, 65536 bytes"
        ),
        Case(
            "bare line feeds",
            .answerThenClose(Array("HTTP/1.1 200 OK\nContent-Length: 1\n\na".utf8)),
            "document 200, 1 bytes"
        ),
    ]

    static let refusals = [
        Case(
            "a 302",
            .answer(response(302, headers: ["Location: /document"], body: "")),
            "redirected in body, 302"
        ),
        Case("a 304", lines: ["HTTP/1.1 304 Same", "", ""], "redirected in body, 304"),
        Case("a 404", .answer(response(404, body: "{}")), "status in body, 404"),
        Case(
            "a 500",
            .answer(response(500, type: "text/plain", body: "off")),
            "status in body, 500"
        ),
        Case(
            "gzip",
            .answer(response(headers: ["Content-Encoding: gzip"], body: "abc")),
            "badEncoding in body, 200"
        ),
        Case(
            "gzip in chunks",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked", "", "0", "", ""],
            "badEncoding in body, 200"
        ),
        Case(
            "one byte too many",
            .answer(response(body: String(repeating: "a", count: 65_537))),
            "bodyTooLarge in body, 200"
        ),
        Case("a body without end", .endlessBody, "bodyTooLarge in body, 200"),
        Case(
            "an error page without end",
            .endless("HTTP/1.1 500 No\r\n\r\n", "sorry "),
            "status in body, 500"
        ),
        Case("headers without end", .endlessHeaders, "headersTooLarge in body, 200"),
        Case("interim results without end", .endlessInterim, "headersTooLarge in body"),
        Case(
            "10 MB of headers",
            .answerThenClose(
                Array(
                    ("HTTP/1.1 200 OK\r\n"
                        + String(
                            repeating: "A: \(String(repeating: "b", count: 1020))\r\n",
                            count: 10_240
                        ))
                        .utf8
                )
            ),
            "headersTooLarge in body, 200"
        ),
        Case(
            "one header line of 200 kB",
            .answer(response(headers: ["A: \(String(repeating: "b", count: 200_000))"], body: "")),
            "headersTooLarge in body, 200"
        ),
    ]

    static let breakages = [
        Case("a reset", .reset, "connectionLost in firstByte"),
        Case("an end before anything", .closeAtOnce, "connectionLost in firstByte"),
        Case(
            "half a status line",
            .answerThenClose(Array("HTTP/1.1 2".utf8)),
            "connectionLost in firstByte"
        ),
        Case(
            "a list of lengths",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 1, 1", "", "a"],
            "badHTTP in body, 200"
        ),
        Case(
            "a length that is announced and too large",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 65537", "", "a"],
            "bodyTooLarge in body, 200"
        ),
        Case(
            "half the headers",
            lines: ["HTTP/1.1 200 OK", "A: b", ""],
            "connectionLost in body, 200"
        ),
        Case(
            "half a body",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 9", "", "1234"],
            "connectionLost in body, 200"
        ),
        Case(
            "half a chunk",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "9", "1234"],
            "connectionLost in body, 200"
        ),
        Case(
            "a chunk without size",
            lines: ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "zz", "ab", "0", "", ""],
            "badHTTP in body, 200"
        ),
        Case(
            "a chunk of enormous size",
            lines: [
                "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "",
                String(repeating: "f", count: 40), "ab", "0", "", "",
            ],
            "badHTTP in body, 200"
        ),
        Case(
            "two lengths",
            lines: ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2", "", "ab"],
            "badHTTP in body, 200"
        ),
        Case(
            "length and chunks",
            lines: [
                "HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked", "", "0",
                "", "",
            ],
            "badHTTP in body, 200"
        ),
        Case(
            "chunks and length",
            lines: [
                "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Length: 1", "", "0",
                "", "",
            ],
            "badHTTP in body, 200"
        ),
        Case(
            "a negative length",
            lines: ["HTTP/1.1 200 OK", "Content-Length: -1", "", "a"],
            "badHTTP in body, 200"
        ),
        Case(
            "a length beyond numbers",
            lines: [
                "HTTP/1.1 200 OK", "Content-Length: \(String(repeating: "9", count: 40))", "",
                "a",
            ],
            "badHTTP in body, 200"
        ),
        Case(
            "a length that is no number",
            lines: ["HTTP/1.1 200 OK", "Content-Length: a", "", "a"],
            "badHTTP in body, 200"
        ),
        Case("HTTP/0.9", lines: ["{\"node_id\":1}"], "badHTTP in body"),
        Case("garbage", .answerThenClose((0...255).map { UInt8($0) }), "badHTTP in body"),
        Case(
            "garbage before the status line",
            lines: ["zzz", "HTTP/1.1 200 OK", "", "a"],
            "badHTTP in body"
        ),
        Case(
            "HTTP/2",
            lines: ["HTTP/2 200", "Content-Length: 0", "", ""],
            "badHTTP in body, 200"
        ),
        Case(
            "HTTP/9.9",
            lines: ["HTTP/9.9 200 OK", "Content-Length: 0", "", ""],
            "badHTTP in body"
        ),
        Case(
            "a status of no meaning",
            lines: ["HTTP/1.1 099 OK", "Content-Length: 0", "", ""],
            "badHTTP in body"
        ),
        Case(
            "a nul in a header",
            lines: ["HTTP/1.1 200 OK", "A: \0", "Content-Length: 0", "", ""],
            "badHTTP in body, 200"
        ),
        Case(
            "a switch of protocols",
            lines: ["HTTP/1.1 101 Go", "Upgrade: h2c", "Connection: Upgrade", "", "PRI *"],
            "badHTTP in body"
        ),
    ]

    @Test(arguments: [documents, refusals, breakages])
    func `each behaviour of a peer has one outcome`(cases: [Case]) async throws {
        let client = try CurlClient(limits: .small())
        let peers = try cases.map { try ScriptedPeer($0.script) }
        defer { for peer in peers { peer.stop() } }
        // Twice, so that the second fetch meets the state that the first one left.
        for _ in 1...2 {
            let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
            for (key, result) in try await client.fetch(requests) {
                #expect(result.words == cases[key].words, "\(cases[key].name): \(result.outcome)")
            }
        }
        #expect(await client.inFlight == 0)
    }

    @Test func `the detail of a failure is bounded and names the cause`() async throws {
        let client = try CurlClient(limits: .small())
        let type = "text/plain; charset=\(String(repeating: "x", count: 500))"
        let peer = try ScriptedPeer(.answer(response(500, type: type, body: "off")))
        defer { peer.stop() }
        let failure = try #require(try await client.fetch(FetchRequest(0, of: peer)).failure)
        #expect(failure.contentType?.hasPrefix("text/plain; charset=xxx") == true)
        #expect(failure.contentType?.utf8.count == 64)
        // libcurl's text would be "No error".
        #expect(failure.detail.isEmpty)
        let refused = try await client.fetch(
            FetchRequest(key: 1, at: "http://127.99.0.2:\(freePort(on: "127.99.0.2"))")
        )
        #expect(refused.words == "connectRefused in connect")
        #expect(refused.failure?.detail.contains("127.99.0.2") == true)
    }

    @Test func `a response that is too large names the limit that it exceeds`() async throws {
        let client = try CurlClient(limits: .small())
        let line = "A: \(String(repeating: "b", count: 200_000))"
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let scripts = [
            (Script.endlessBody, "body larger than 65536 bytes"),
            (
                .answer(response(body: String(repeating: " ", count: 65_537))),
                "body larger than 65536 bytes"
            ),
            (.endlessHeaders, "headers larger than 32768 bytes"),
            (.endlessInterim, "headers larger than 32768 bytes"),
            (.answer(response(headers: [line], body: "")), "headers larger than 32768 bytes"),
            (
                .answerThenClose(
                    Array((chunked + "1\r\n1\r\n0\r\n\(line)\(line)\r\n\r\n").utf8)
                ),
                "headers larger than 32768 bytes"
            ),
            // The status is the cause, regardless of the length.
            (
                .answerThenClose(
                    Array("HTTP/1.1 404 No\r\nContent-Length: 99999999\r\n\r\n".utf8)
                ),
                ""
            ),
        ]
        for (script, words) in scripts {
            let peer = try ScriptedPeer(script)
            defer { peer.stop() }
            #expect(try await client.fetch(FetchRequest(0, of: peer)).failure?.detail == words)
        }
    }

    @Test func `a response that the client rejects is not reported with libcurl's error text`()
        async throws
    {
        let client = try CurlClient(limits: .small())
        let peers = try (Self.refusals + Self.breakages).map { try ScriptedPeer($0.script) }
        defer { for peer in peers { peer.stop() } }
        let requests = peers.enumerated().map { FetchRequest($0.offset, of: $0.element) }
        for result in try await client.fetch(requests).values {
            let detail = try #require(result.failure?.detail)
            #expect(!detail.hasPrefix("Failed writing") && !detail.hasPrefix("Failure writing"))
        }
    }

    @Test func `a failure does not affect the cause of the next one`() async throws {
        let client = try CurlClient(limits: .small())
        let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        let resetting = try ScriptedPeer(.reset)
        let chunking = try ScriptedPeer(.answerThenClose(Array(chunk.utf8)))
        defer { for peer in [resetting, chunking] { peer.stop() } }
        let refusing = "http://127.99.0.3:\(try freePort(on: "127.99.0.3"))"
        // In sequence, so that all use the same handle.
        for _ in 1...2 {
            let reset = try await client.fetch(FetchRequest(0, of: resetting))
            #expect(reset.words == "connectionLost in firstByte")
            let chunked = try await client.fetch(FetchRequest(0, of: chunking))
            #expect(chunked.words == "badHTTP in body, 200")
            let refused = try await client.fetch(FetchRequest(key: 0, at: refusing))
            #expect(refused.words == "connectRefused in connect")
            // The system refuses a TCP connection to a broadcast address at once.
            let broadcast = try await client.fetch(
                FetchRequest(key: 0, at: "http://255.255.255.255:9")
            )
            #expect(broadcast.words == "connectFailed in connect")
        }
    }

    @Test func `a request has exactly these bytes`() async throws {
        let client = try CurlClient(limits: .small())
        let peer = try ScriptedPeer(.answer(response(body: "1")))
        defer { peer.stop() }
        _ = try await client.fetch(FetchRequest(0, of: peer))
        let request = """
            GET /document HTTP/1.1\r
            Host: 127.0.0.1:\(peer.port)\r
            User-Agent: test/1\r
            Accept: application/json\r
            \r

            """
        #expect(peer.requests.map { String(decoding: $0.bytes, as: UTF8.self) } == [request])
    }
}
