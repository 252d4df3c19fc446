import Foundation
import Glibc
import TestSupport
import Testing

/// Certificates and tokens that are replaced while a real node runs.
@Suite struct TrustReloadTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private static func contents(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Writes a pair in place.
    private func write(_ pair: TestAuthority.Pair) throws {
        try folder.overwrite("cert", with: Self.contents(pair.certificate))
        try folder.overwrite("key", with: Self.contents(pair.key))
    }

    private func node(_ settings: [String: String] = [:]) async throws -> ServedNode {
        let files = [
            "NOVA_FED_TLS_CERT_FILE": folder.file("cert"),
            "NOVA_FED_TLS_KEY_FILE": folder.file("key"),
        ]
        return try await ServedNode(settings: files.merging(settings) { $1 })
    }

    /// The certificate that the node presents.
    private static func presented(by node: ServedNode) async throws -> String {
        let requests = [TLSProbe.Request("/health")]
        let result = try #require(
            try await TLSProbe.run([.init(port: node.port, requests: requests)]).first
        )
        #expect(result.error == "")
        return result.certificate
    }

    private static func expectNewCertificate(
        of node: ServedNode,
        after before: String,
        _ way: String
    ) async throws -> String {
        var after = before
        try await eventually("the node presents the certificate that was \(way)") {
            after = try await presented(by: node)
            return after != before
        }
        return after
    }

    @Test func `a pair that is written in place, renamed or swapped by a link is used`()
        async throws
    {
        let authority = try await TestAuthority()
        var pairs: [TestAuthority.Pair] = []
        for label in ["a", "b", "c", "d"] {
            pairs.append(try await authority.sign(label, names: "IP:127.0.0.1"))
        }
        // The folder of the pair is a link, as certbot and Kubernetes make one.
        for (name, pair) in zip(["v1", "v2"], [pairs[0], pairs[3]]) {
            let version = try folder.folder(name)
            try Self.contents(pair.certificate)
                .write(toFile: version + "/cert", atomically: true, encoding: .utf8)
            try Self.contents(pair.key)
                .write(toFile: version + "/key", atomically: true, encoding: .utf8)
        }
        #expect(unsafe symlink("v1", folder.file("now")) == 0)
        let node = try await node([
            "NOVA_FED_TLS_CERT_FILE": folder.file("now/cert"),
            "NOVA_FED_TLS_KEY_FILE": folder.file("now/key"),
        ])
        defer { node.process.kill() }
        var shown = try await Self.presented(by: node)

        try folder.overwrite("v1/cert", with: Self.contents(pairs[1].certificate))
        try folder.overwrite("v1/key", with: Self.contents(pairs[1].key))
        shown = try await Self.expectNewCertificate(of: node, after: shown, "written in place")

        try folder.replace("v1/key", with: Self.contents(pairs[2].key))
        try folder.replace("v1/cert", with: Self.contents(pairs[2].certificate))
        shown = try await Self.expectNewCertificate(of: node, after: shown, "renamed")

        #expect(unsafe symlink("v2", folder.file("next")) == 0)
        #expect(unsafe rename(folder.file("next"), folder.file("now")) == 0)
        _ = try await Self.expectNewCertificate(of: node, after: shown, "swapped by a link")
        #expect(await node.logLines("msg=reloaded", count: 3).count == 3)
        #expect(node.logLines("msg=reloaded").allSatisfy { $0.field("cause") == "trust_files" })
    }

    @Test func `a bad file changes nothing, and the failed reload has its path and the reason`()
        async throws
    {
        let authority = try await TestAuthority()
        let good = try await authority.sign("good", names: "IP:127.0.0.1")
        let other = try await authority.sign("other", names: "IP:127.0.0.1")
        let expired = try await authority.sign("expired", names: "IP:127.0.0.1", validity: .past)
        try write(good)
        let node = try await node()
        defer { node.process.kill() }
        let shown = try await Self.presented(by: node)

        try folder.overwrite("key", with: Self.contents(other.key))
        var lines = await node.logLines("is not the key of the first certificate", count: 1)
        #expect(lines.count == 1 && lines[0].contains(folder.file("key")))

        try write(expired)
        lines = await node.logLines("expired on", count: 1)
        #expect(lines.count == 1 && lines[0].contains(folder.file("cert")))

        #expect(unsafe unlink(folder.file("cert")) == 0)
        lines = await node.logLines("cert': cannot be read", count: 1)
        #expect(lines.count == 1)
        #expect(node.logLines("reload failed").count == 3)
        #expect(try await Self.presented(by: node) == shown)

        try write(other)
        _ = try await Self.expectNewCertificate(of: node, after: shown, "correct again")
        #expect(await node.logLines("msg=reloaded", count: 1).count == 1)
    }

    @Test func `tokens can be rotated, and SIGHUP reads them too`() async throws {
        try folder.overwrite("tokens", with: "token-number-one\n")
        let node = try await ServedNode(settings: ["NOVA_FED_TOKEN_FILE": folder.file("tokens")])
        defer { node.process.kill() }
        func status(_ token: String) async throws -> Int {
            let headers = [(name: "Authorization", value: "Bearer \(token)")]
            return try await node.probe.get("/federation/health", headers: headers).status
        }
        #expect(try await status("token-number-one") == 200)
        #expect(try await status("token-number-two") == 403)
        try folder.overwrite("tokens", with: "token-number-one\ntoken-number-two\n")
        try await eventually("the second token is accepted") {
            try await status("token-number-two") == 200
        }
        #expect(try await status("token-number-one") == 200)
        try folder.overwrite("tokens", with: "token-number-two\n")
        node.process.send(SIGHUP)
        try await eventually("the first token is refused") {
            try await status("token-number-one") == 403
        }
        #expect(try await status("token-number-two") == 200)
    }

    @Test func `an accepted authority can be replaced, also for open connections`() async throws {
        let (old, new) = (try await TestAuthority(), try await TestAuthority())
        try write(try await old.sign("node", names: "IP:127.0.0.1"))
        try folder.overwrite("ca", with: Self.contents(old.certificate))
        let node = try await node(["NOVA_FED_CLIENT_CA_FILE": folder.file("ca")])
        defer { node.process.kill() }
        let before = try await old.sign("before", names: "DNS:a")
        let after = try await new.sign("after", names: "DNS:a")
        func statuses() async throws -> [Int] {
            let requests = [TLSProbe.Request("/federation/health")]
            return
                try await TLSProbe.run(
                    [before, after].map { .init(port: node.port, $0, requests: requests) }
                )
                .map { $0.responses.first?.status ?? 0 }
        }
        #expect(try await statuses() == [200, 403])
        let both = try Self.contents(old.certificate) + Self.contents(new.certificate)
        try folder.overwrite("ca", with: both)
        try await eventually("both are accepted") { try await statuses() == [200, 200] }
        try folder.replace("ca", with: Self.contents(new.certificate))
        try await eventually("the old one is refused") { try await statuses() == [403, 200] }
    }
}
