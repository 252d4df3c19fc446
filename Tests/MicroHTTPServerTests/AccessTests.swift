import TestSupport
import Testing
import Timing
import Trust

@testable import MicroHTTPServer

/// Which clients a server answers.
@Suite struct AccessTests {
    private static let token = "abcdefghijklmnop"

    private static func tokens(_ texts: String...) throws -> AcceptedTokens {
        AcceptedTokens(try TokenFile(parsing: Array(texts.joined(separator: "\n").utf8)))
    }

    private func status(
        _ server: MicroHTTPServer,
        _ path: String = "/",
        _ headers: [(name: String, value: String)] = []
    ) async throws -> Int {
        try await HTTPProbe(port: Int(server.port)).get(path, headers: headers).status
    }

    /// Runs a server that requires the token.
    private func withTokens(
        openPaths: Set<String>,
        _ body: (MicroHTTPServer, Record, ListenerCounts) async throws -> Void
    ) async throws {
        var clients = ClientTrust()
        clients.tokens = try Self.tokens(Self.token)
        let (record, counts) = (Record(), ListenerCounts())
        try await withServer(
            Routes.hello,
            record: record,
            access: AccessControl(openPaths: openPaths, clients: clients),
            counts: counts
        ) { try await body($0, record, counts) }
    }

    @Test func `without a token, only open paths are answered, and refusals name no token`()
        async throws
    {
        try await withTokens(openPaths: ["/ready"]) { server, record, counts in
            let probe = HTTPProbe(port: Int(server.port))
            let refused = try await probe.get("/")
            #expect(refused.status == 401 && refused.header("WWW-Authenticate") == "Bearer")
            #expect(refused.text.contains(#""error":"unauthorized""#))
            #expect(try await status(server, "/ready") == 200)
            #expect(try await status(server, "/ready/") == 401)
            let wrong = [(name: "Authorization", value: "Bearer zzzzzzzzzzzzzzzz")]
            let forbidden = try await probe.get("/", headers: wrong)
            #expect(forbidden.status == 403 && forbidden.text.contains(#""error":"forbidden""#))
            #expect(forbidden.header("WWW-Authenticate") == nil)
            let good = [(name: "authorization", value: "bearer  \(Self.token) ")]
            #expect(try await status(server, "/", good) == 200)
            #expect(try await status(server, "/", good + good) == 403)
            #expect(counts.refused(for: .noCredentials) == 2)
            #expect(counts.refused(for: .wrongToken) == 2)
            let refusals = record.events.filter { if case .refused = $0 { true } else { false } }
            #expect(refusals.count == 4)
            #expect(!"\(record.events)".contains("zzzz"))
            // One warning, however many tokens came over plain TCP.
            #expect(record.events.count { $0 == .tokenWithoutTLS } == 1)
        }
    }

    @Test func `many refusals are logged only in part, with the number of the others`()
        async throws
    {
        try await withTokens(openPaths: []) { server, record, counts in
            let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
            let all = String(repeating: request, count: 200)
            let last = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            _ = try await HTTPProbe(port: Int(server.port)).exchange(Array((all + last).utf8))
            #expect(counts.refused(for: .noCredentials) == 201)
            let omitted = record.events.compactMap { event -> Int? in
                guard case .refused(_, "/a", let client, let omitted) = event else { return nil }
                return client.hasPrefix("127.0.0.1:") ? omitted : nil
            }
            #expect((1...60).contains(omitted.count), "\(omitted.count)")
        }
    }

    @Test func `a reload closes and opens the server`() async throws {
        let access = AccessControl()
        var clients = ClientTrust()
        clients.tokens = try Self.tokens(Self.token)
        try await withServer(Routes.hello, access: access) { server in
            var statuses = [try await status(server)]
            for change in [clients, ClientTrust()] {
                access.replace(certificate: nil, clients: change)
                statuses.append(try await status(server))
            }
            #expect(statuses == [200, 401, 200])
        }
    }

    @Test func `a verdict on a certificate is computed once, and again after a reload or a minute`()
    {
        let start = Instant(nanoseconds: 0)
        let connection = OpenConnection(descriptor: 1, at: start)
        var checks = 0
        func verdict(_ generation: Int, after duration: Duration) -> CertificateVerdict {
            connection.verdict(of: generation, at: start + duration) {
                checks += 1
                return checks % 2 == 1 ? .accepted : .untrusted("")
            }
        }
        #expect(verdict(0, after: .zero) == .accepted && checks == 1)
        #expect(verdict(0, after: .seconds(59)) == .accepted && checks == 1)
        #expect(verdict(1, after: .seconds(59)) == .untrusted("") && checks == 2)
        #expect(verdict(1, after: .seconds(118)) == .untrusted("") && checks == 2)
        #expect(verdict(1, after: .seconds(120)) == .accepted && checks == 3)
    }
}
