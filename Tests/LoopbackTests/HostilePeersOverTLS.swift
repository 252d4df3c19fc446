import Foundation
import TestSupport

/// The peers of a test over TLS: plain ones behind a relay, and those that are hostile in TLS.
struct HostilePeersOverTLS {
    let hostile: [HostilePeer]
    /// The URLs of the good peers behind the relay, in their order.
    let goodURLs: [String]
    /// The file of the authority that signed their certificates.
    var authority: String { signer.certificate }
    private let server: HostileTLS
    private let signer: TestAuthority

    /// Starts them.
    ///
    /// - Parameters:
    ///   - plain: Peers that speak HTTP; over TLS they do the same, named `secure-…`.
    ///   - good: Good peers.
    /// - Throws: If they do not start.
    init(relaying plain: [HostilePeer], good: [PunctualPeer]) async throws {
        let (signer, other) = (try await TestAuthority(), try await TestAuthority(named: "other"))
        let folder = try TemporaryDirectory()
        let own = try await signer.sign("own", names: "IP:127.0.0.1")
        let relays = plain.map { peer in
            (peer: peer, name: "secure-\(peer.name)", outcomes: peer.outcomes)
        }
        let inTLS = try await Self.inTLS(own, signer, other, in: folder)
        let server = try await HostileTLS(
            relays.map { .init(.relay, own, to: $0.peer.peer) }
                + good.map { .init(.relay, own, to: $0.peer) }
                + inTLS.map(\.listener)
        )
        let names = relays.map { ($0.name, $0.outcomes) }
        let ports = server.ports
        hostile =
            zip(names, ports).map { HostilePeer($0.0, $0.1, port: $1) }
            + zip(inTLS, ports.dropFirst(relays.count + good.count))
            .map { HostilePeer($0.name, $0.outcomes, port: $1) }
        goodURLs = ports[relays.count..<(relays.count + good.count)]
            .map { "https://127.0.0.1:\($0)" }
        (self.server, self.signer) = (server, signer)
    }

    /// Peers that are hostile in their handshake or after it.
    private static func inTLS(
        _ own: TestAuthority.Pair,
        _ signer: TestAuthority,
        _ other: TestAuthority,
        in folder: TemporaryDirectory
    ) async throws -> [(name: String, outcomes: [String], listener: HostileTLS.Listener)] {
        let expired = try await signer.sign("expired", names: "IP:127.0.0.1", validity: .past)
        let elsewhere = try await signer.sign("elsewhere", names: "IP:127.0.0.2")
        let stranger = try await other.sign("stranger", names: "IP:127.0.0.1")
        let (leaf, more) = (
            try String(contentsOfFile: own.certificate, encoding: .utf8),
            try String(contentsOfFile: signer.certificate, encoding: .utf8)
        )
        let flood = try folder.write(leaf + String(repeating: more, count: 1_000), to: "flood")
        let failed = ["tls_failed in tls"]
        let lost = ["connection_lost in first_byte"]
        return [
            ("expired", failed, .init(.relay, expired)),
            ("elsewhere", failed, .init(.relay, elsewhere)),
            ("stranger", failed, .init(.relay, stranger)),
            ("certificate-flood", failed, .init(.relay, .init(certificate: flood, key: own.key))),
            // OpenSSL may forget the error before libcurl reads it.
            ("endless-tickets", failed + lost, .init(.tickets, own)),
            ("endless-key-updates", failed + lost, .init(.keyUpdates, own)),
            ("renegotiates", failed + lost, .init(.renegotiates, own)),
            ("alert", failed, .init(.alert, own)),
            ("bad-record", failed, .init(.badRecord, own)),
            ("cut-record", lost, .init(.cutRecord, own)),
            ("no-notify", ["not_json in the summary"], .init(.noNotify, own)),
        ]
    }
}

extension HostilePeer {
    /// Peers at `https` URLs whose bytes are no handshake, or one that does not end.
    static func insteadOfHandshake() throws -> [HostilePeer] {
        let failed = "tls_failed in tls"
        let https = { (name: String, outcome: String, script: Script) in
            try HostilePeer(name, outcome, scheme: "https", does: script)
        }
        let helloRequests = [22, 3, 3, 0x10, 0] + [UInt8](repeating: 0, count: 0x1000)
        return try [
            https("half-tls", "timed_out in tls", .silence),
            https("no-tls", failed, .closeAtOnce),
            https("garbage-tls", failed, .greeting((0..<200).map { UInt8($0 * 7 % 251) })),
            https("http-on-tls", failed, .greeting(response(body: "{}"))),
            https("alert-at-once", failed, .greeting([21, 3, 3, 0, 2, 2, 40])),
            https("huge-message", failed, .greeting([22, 3, 3, 0, 4, 2, 255, 255, 255])),
            https("cut-handshake", failed, .cutAfter([22, 3, 3, 1, 0, 2, 0])),
            https("drips-tls", "timed_out in tls", .dripping([22, 3, 3, 64, 0, 2, 0, 63, 240])),
            https("empty-records", failed, .flooding([22, 3, 3, 0, 0])),
            https("cipher-changes", failed, .flooding([20, 3, 3, 0, 1, 1])),
            https("warnings", failed, .flooding([21, 3, 3, 0, 2, 1, 90])),
            https("hello-requests", failed, .flooding(helloRequests)),
        ]
    }
}

extension Script {
    /// Sends these bytes at once and waits until the client closes.
    fileprivate static func greeting(_ bytes: [UInt8]) -> Script {
        Script { connection in
            connection.send(bytes)
            _ = connection.nextRequest()
        }
    }

    /// Sends these bytes, once the client has sent something, and closes.
    fileprivate static func cutAfter(_ bytes: [UInt8]) -> Script {
        Script { connection in
            _ = connection.pause(.seconds(10))
            connection.send(bytes)
        }
    }

    /// Sends these bytes, then a zero every tenth of a second.
    fileprivate static func dripping(_ bytes: [UInt8]) -> Script {
        Script { connection in
            connection.send(bytes)
            while connection.send([0]) { _ = connection.pause(.milliseconds(100)) }
        }
    }

    /// Sends these bytes again and again.
    fileprivate static func flooding(_ bytes: [UInt8]) -> Script {
        let many = Array(repeatElement(bytes, count: max(1, 65_536 / bytes.count)).joined())
        return Script { connection in
            while connection.send(many) {}
        }
    }
}
