import Foundation
import Synchronization
import TestSupport
import Testing
import Timing
import Trust

@testable import MicroHTTPServer

/// Handshakes, and clients that break them off.
@Suite struct TLSTests {
    static let configuration = Configuration.loopback().with(\.minimumTLS, .tls12)

    /// The contents of a pair of files.
    static func load(_ pair: TestAuthority.Pair) throws -> ListenerCertificate {
        try ListenerCertificate(chain: bytes(pair.certificate), key: bytes(pair.key))
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func access(_ pair: TestAuthority.Pair) throws -> AccessControl {
        AccessControl(openPaths: ["/ready"], certificate: try load(pair))
    }

    private static func session(
        _ port: UInt16,
        _ version: String = "1.3",
        count: Int = 1
    ) -> TLSProbe.Session {
        TLSProbe.Session(
            port: Int(port),
            version: version,
            requests: Array(repeating: TLSProbe.Request("/"), count: count)
        )
    }

    @Test func `requests are answered over TLS 1.2 and 1.3, several on one connection`()
        async throws
    {
        let authority = try await TestAuthority()
        let access = try await Self.access(authority.sign("n", names: "IP:127.0.0.1"))
        try await withServer(Routes.hello, configuration: Self.configuration, access: access) {
            server in
            let results = try await TLSProbe.run(
                ["1.2", "1.3"].map { Self.session(server.port, $0, count: 3) }
            )
            for result in results {
                #expect(result.error == "")
                #expect(result.responses.map(\.body) == ["hello", "hello", "hello"])
            }
        }
    }

    @Test func `older versions than the minimum are refused`() async throws {
        let authority = try await TestAuthority()
        let access = try await Self.access(authority.sign("n", names: "IP:127.0.0.1"))
        for (minimum, refused, accepted) in [
            (TLSVersion.tls12, ["1.1"], ["1.2", "1.3"]), (.tls13, ["1.1", "1.2"], ["1.3"]),
        ] {
            let configuration = Self.configuration.with(\.minimumTLS, minimum)
            try await withServer(Routes.hello, configuration: configuration, access: access) {
                server in
                let all = (refused + accepted).map { Self.session(server.port, $0) }
                let results = try await TLSProbe.run(all)
                let failed = results.prefix(refused.count)
                #expect(failed.allSatisfy { $0.error != "" && $0.certificate == "" })
                #expect(results.dropFirst(refused.count).allSatisfy { $0.error == "" })
            }
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{1}", "x"])
    func `bytes that begin no handshake close the connection, and are counted`(
        text: String
    ) async throws {
        let authority = try await TestAuthority()
        let access = try await Self.access(authority.sign("n", names: "IP:127.0.0.1"))
        let counts = ListenerCounts()
        try await withServer(
            Routes.hello,
            configuration: Self.configuration,
            access: access,
            counts: counts
        ) { server in
            let exchange = try await HTTPProbe(port: Int(server.port)).exchange(Array(text.utf8))
            #expect(exchange.isClosed && exchange.bytes.isEmpty)
            #expect(counts.closed(for: .notTLS) == 1)
        }
    }

    @Test func `a handshake on a listener without TLS closes the connection, and is counted`()
        async throws
    {
        let counts = ListenerCounts()
        try await withServer(Routes.hello, counts: counts) { server in
            let result = try #require(await TLSProbe.run([Self.session(server.port)]).first)
            #expect(result.certificate == "" && result.error != "")
            #expect(counts.closed(for: .notHTTP) == 1)
        }
    }

    /// The first record of a handshake, and what a client that stops there has sent.
    private static func helloRecord() async throws -> [UInt8] {
        let listener = try Socket.listening(on: "127.0.0.1")
        let port = listener.port
        let deadline = ContinuousClock.now + .seconds(20)
        async let probe = TLSProbe.run([Self.session(UInt16(port))])
        let record = try await onNewThread { () -> [UInt8] in
            guard let client = listener.accept(until: deadline) else { return [] }
            defer { client.close() }
            return client.receive(until: deadline) ?? []
        }
        _ = try await probe
        return record
    }

    @Test func `half-open handshakes are closed in time and delay no other client`() async throws {
        let authority = try await TestAuthority()
        let access = try await Self.access(authority.sign("n", names: "IP:127.0.0.1"))
        let hello = try await Self.helloRecord()
        try #require(hello.first == 22)
        let counts = ListenerCounts()
        let configuration = Self.configuration.with(\.requestTimeout, .seconds(2))
            .with(\.firstByteTimeout, .seconds(2))
        try await withServer(
            Routes.hello,
            configuration: configuration,
            access: access,
            counts: counts
        ) { server in
            let deadline = ContinuousClock.now + .seconds(20)
            // Nothing, a part of a record, a whole record.
            let parts = [hello.prefix(0), hello.prefix(7), hello[...]]
            let sockets = try (0..<300)
                .map { index in
                    let socket = try Socket.connected(to: "127.0.0.1", port: Int(server.port))
                    _ = socket.send(parts[index % 3], until: deadline)
                    return socket
                }
            await eventually("all are open") { counts.openConnections == 300 }
            let result = try await TLSProbe.run([Self.session(server.port)])
            #expect(result.map(\.error) == [""])
            await eventually("all are closed") { counts.openConnections == 0 }
            #expect(counts.closed(for: .unused) == 100)
            #expect(counts.closed(for: .incomplete) == 200)
            for socket in sockets { socket.close() }
        }
    }

    @Test func `half-open handshakes do not evict clients with requests`() async throws {
        let now = Instant(nanoseconds: 0)
        var limits = Self.configuration
        limits.maxConnections = 32
        var table = ConnectionTable(limits)
        for descriptor in CInt(1)...30 {
            let isOpen = table.open(OpenConnection(descriptor: descriptor, at: now), from: 1)
            let isHandedOver = table.handOver(descriptor)
            #expect(isOpen && isHandedOver)
            guard let connection = table.serve(descriptor) else { continue }
            // Every second one is a client whose request was answered.
            guard descriptor % 2 == 0 else { continue }
            connection.begin(Extent(start: 0, count: 10), at: now)
            connection.end(at: now + .seconds(1))
        }
        let evicted = table.makeRoom(extra: 5, traffic: { _ in .init() }, at: now + .seconds(5))
        #expect(evicted.count == 5 && evicted.allSatisfy { $0 % 2 == 1 })
        let more = table.makeRoom(extra: 12, traffic: { _ in .init() }, at: now + .seconds(5))
        #expect(more.count == 12 && Set(more).isDisjoint(with: evicted))
        #expect(more.count { $0 % 2 == 1 } == 10)
    }

    @Test func `a replaced certificate is used by new connections, and open ones continue`()
        async throws
    {
        let authority = try await TestAuthority()
        let first = try await authority.sign("first", names: "IP:127.0.0.1")
        let second = try await authority.sign("second", names: "IP:127.0.0.1")
        let access = try Self.access(first)
        try await withServer(
            Routes { request in
                // The second request of each connection finds another certificate.
                if request.path == "/change" {
                    guard let pair = try? Self.load(second) else { return .page(Page(text("bad"))) }
                    access.replace(certificate: pair, clients: ClientTrust())
                }
                return .page(Page(text("ok")))
            },
            configuration: Self.configuration,
            access: access
        ) { server in
            let requests = ["/", "/change", "/", "/"].map { TLSProbe.Request($0) }
            let results = try await TLSProbe.run(
                (0..<2).map { _ in TLSProbe.Session(port: Int(server.port), requests: requests) }
            )
            #expect(results.allSatisfy { $0.responses.map(\.body) == ["ok", "ok", "ok", "ok"] })
            #expect(Set(results.map(\.certificate)).count == 2)
        }
    }

    @Test func `certificates are freed when no connection uses them`() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.sign("n", names: "IP:127.0.0.1")
        let access = try Self.access(pair)
        weak let freed: ListenerCertificate? = access.handshake.certificate
        try await withServer(Routes.hello, configuration: Self.configuration, access: access) {
            let results = try await TLSProbe.run([Self.session($0.port)])
            #expect(results.map(\.error) == [""])
            access.replace(certificate: try Self.load(pair), clients: ClientTrust())
            await eventually("the first one is freed") { freed == nil }
        }
    }
}
