import Synchronization
import TestSupport
import Testing
import Timing

@testable import CurlClient

/// Names with several addresses, some of which are dead.
@Suite struct AddressTests {
    /// A resolver whose answer may change.
    private final class Names: Sendable {
        let addresses: Mutex<[String]>

        init(_ addresses: [String]) { self.addresses = Mutex(addresses) }

        func client() throws -> CurlClient {
            try CurlClient(limits: .small()) { _ in .success(self.addresses.withLock(\.self)) }
        }
    }

    /// An address whose backlog is full, so that it drops new connections like a firewall.
    private final class DroppingAddress: Sendable {
        private let sockets: [Socket]

        init(_ address: String, port: Int) throws {
            let listener = try Socket.listening(on: address, port: port, backlog: 0)
            sockets = [listener, try Socket.connected(to: address, port: port)]
        }

        deinit { for socket in sockets { socket.close() } }
    }

    private func peer(on address: String = "127.0.0.1") throws -> ScriptedPeer {
        try ScriptedPeer(.answer(response(body: "1"), count: .max), on: address)
    }

    /// A multicast address, to which TCP never has a route.
    private static let unreachable = "[ff0e::1]"
    private static let good = "document 200, 1 bytes"

    @Test func `a peer is reached if any of its addresses listens`() async throws {
        let peer = try peer()
        defer { peer.stop() }
        let lists = [
            ["127.0.0.9", "127.0.0.1"], ["[::1]", "127.0.0.1"], ["127.0.0.1", "[::1]"],
            ["127.0.0.9", "[::1]", "127.0.0.8", "127.0.0.1"],
            [Self.unreachable, "127.0.0.1"], [Self.unreachable, "127.0.0.9", "127.0.0.1"],
        ]
        for addresses in lists {
            let client = try Names(addresses).client()
            let result = try await client.fetch(FetchRequest(key: 0, of: "a.test", port: peer.port))
            #expect(result.words == Self.good, "\(addresses)")
            // None of these addresses delays the fetch.
            #expect(result.times.total < 0.15, "\(addresses) took \(result.times.total) s")
        }
        let six = try self.peer(on: "::1")
        defer { six.stop() }
        let client = try Names(["127.0.0.9", "[::1]"]).client()
        let result = try await client.fetch(FetchRequest(key: 0, of: "a.test", port: six.port))
        #expect(result.words == Self.good)
    }

    @Test(arguments: [200, 2_000])
    func `an address that drops packets leaves time for the others`(
        milliseconds: Int
    )
        async throws
    {
        let timeout = Duration.milliseconds(milliseconds)
        let peer = try peer()
        defer { peer.stop() }
        let dropping = try DroppingAddress("127.0.0.9", port: peer.port)
        let other = try DroppingAddress("127.0.0.8", port: peer.port)
        let six = try DroppingAddress("::1", port: peer.port)
        let lists: [(addresses: [String], share: Double)] = [
            (["127.0.0.9", "127.0.0.1"], 0.5), (["127.0.0.9", "127.0.0.8", "127.0.0.1"], 0.67),
            (["[::1]", "127.0.0.1"], 0.25), (["[::1]", "127.0.0.9", "127.0.0.1"], 0.5),
        ]
        for (addresses, share) in lists {
            let client = try Names(addresses).client()
            let result = try await client.fetch(
                FetchRequest(key: 0, of: "a.test", port: peer.port, timeout: timeout)
            )
            #expect(result.words == Self.good, "\(addresses)")
            let limit = share * timeout.inSeconds + 0.08
            #expect(result.times.total < limit, "\(addresses) took \(result.times.total) s")
            #expect(result.times.connect <= result.times.firstByte)
            #expect(result.times.firstByte <= result.times.total)
        }
        withExtendedLifetime((dropping, other, six)) {}
    }

    @Test func `a dead address delays one fetch, not each new connection`() async throws {
        let peer = try ScriptedPeer(.answer(response(headers: ["Connection: close"], body: "1")))
        defer { peer.stop() }
        let dropping = try DroppingAddress("127.0.0.9", port: peer.port)
        let client = try Names(["127.0.0.9", "127.0.0.1"]).client()
        let request = FetchRequest(key: 0, of: "a.test", port: peer.port, timeout: .seconds(1))
        let first = try await client.fetch(request)
        #expect(first.words == Self.good)
        #expect(first.times.total >= 0.5)
        for _ in 1...3 {
            let result = try await client.fetch(request)
            #expect(result.words == Self.good)
            #expect(result.times.total < 0.2)
        }
        #expect(peer.connectionCount == 4)
        withExtendedLifetime(dropping) {}
    }

    @Test func `if every address fails, a refusal is the reported cause`() async throws {
        let peer = try peer()
        let port = peer.port
        peer.stop()
        let lists = [
            ["127.0.0.9", "127.0.0.8"], [Self.unreachable, "127.0.0.9"],
            ["127.0.0.9", "127.0.0.8", "[::1]", Self.unreachable],
        ]
        for addresses in lists {
            let client = try Names(addresses).client()
            let result = try await client.fetch(FetchRequest(key: 0, of: "a.test", port: port))
            #expect(result.words == "connectRefused in connect", "\(addresses)")
            #expect(result.times.total < 0.15, "\(addresses) took \(result.times.total) s")
        }
    }

    @Test func `if all addresses drop packets, the fetch fails at its deadline in phase connect`()
        async throws
    {
        let peer = try peer()
        let port = peer.port
        peer.stop()
        let dropping = try ["127.0.0.7", "127.0.0.8", "127.0.0.9"]
            .map { try DroppingAddress($0, port: port) }
        let client = try Names(["127.0.0.7", "127.0.0.8", "127.0.0.9"]).client()
        let result = try await client.fetch(
            FetchRequest(key: 0, of: "a.test", port: port, timeout: .milliseconds(300))
        )
        #expect(result.words.hasPrefix("timedOut"))
        #expect(result.failure?.phase == .connect)
        #expect(result.times.total > 0.299 && result.times.total < 0.36)
        withExtendedLifetime(dropping) {}
    }
}
