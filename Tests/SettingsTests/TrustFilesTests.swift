import Foundation
import TestSupport
import Testing
import Trust

@testable import Settings

/// The files of certificates, keys and tokens, as settings name them.
@Suite struct TrustFilesTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func load(
        _ environment: [String: String],
        running: LoadedSettings? = nil
    ) throws(SettingFaults) -> LoadedSettings {
        try Settings.load(
            environment: environment,
            file: nil,
            fileLimit: 20_000,
            running: running?.settings,
            trust: running?.trust
        )
    }

    private func lines(_ environment: [String: String]) -> [String] {
        do throws(SettingFaults) {
            _ = try load(environment)
            return []
        } catch {
            return error.lines
        }
    }

    private static func settings(_ pair: TestAuthority.Pair) -> [String: String] {
        ["NOVA_FED_TLS_CERT_FILE": pair.certificate, "NOVA_FED_TLS_KEY_FILE": pair.key]
    }

    @Test func `settings that need each other are refused alone`() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.sign("n", names: "DNS:n")
        let tokens = try folder.write("0123456789abcdef\n", to: "tokens")
        let (certificate, key) = (pair.certificate, pair.key)
        for (environment, part) in [
            (["NOVA_FED_TLS_CERT_FILE": certificate], "NOVA_FED_TLS_KEY_FILE, or neither"),
            (["NOVA_FED_TLS_KEY_FILE": key], "NOVA_FED_TLS_KEY_FILE, or neither"),
            (["NOVA_FED_CLIENT_CA_FILE": authority.certificate], "only with NOVA_FED_TLS_CERT"),
            (["NOVA_FED_CLIENT_SANS": "n"], "only with NOVA_FED_CLIENT_CA_FILE"),
        ] {
            let lines = lines(environment)
            #expect(lines.count == 1 && lines[0].contains(part), "\(lines)")
        }
        #expect(lines(["NOVA_FED_TOKEN_FILE": tokens]) == [])
        let all = [
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_CLIENT_SANS": "n,::1",
            "NOVA_FED_TOKEN_FILE": tokens, "NOVA_FED_PEER_TOKEN_FILE": tokens,
        ]
        let loaded = try load(Self.settings(pair).merging(all) { $1 })
        #expect(loaded.clientTrust.isRequired && loaded.clientTrust.names.count == 2)
        #expect(loaded.trust.peerToken?.value.text == "0123456789abcdef")
        let left = try #require(loaded.trust.listener?.expires) - Date().timeIntervalSince1970
        #expect(left > 80_000 && left < 90_000)
    }

    @Test func `a bad file is refused with its key, its path and the reason`() async throws {
        let authority = try await TestAuthority()
        let good = try await authority.sign("good", names: "DNS:n")
        let other = try await authority.sign("other", names: "DNS:n")
        let expired = try await authority.sign("expired", names: "DNS:n", validity: .past)
        let future = try await authority.sign("future", names: "DNS:n", validity: .future)
        let junk = try folder.write("junk", to: "junk")
        let short = try folder.write("\n0123456789abcde\n", to: "short")
        let (certificate, key) = ("NOVA_FED_TLS_CERT_FILE", "NOVA_FED_TLS_KEY_FILE")
        let cases: [(key: String, path: String, with: TestAuthority.Pair, reason: String)] = [
            (key, other.key, good, "is not the key of the first certificate"),
            (key, junk, good, "cannot be used by GnuTLS"),
            (key, good.certificate, good, "cannot be used by GnuTLS"),
            (key, "/nowhere/key", good, "cannot be read: No such file"),
            (certificate, junk, good, "contains no certificate"),
            (certificate, good.key, good, "only a block of type PRIVATE KEY"),
            (certificate, expired.certificate, expired, "1 (CN=expired) expired on"),
            (certificate, future.certificate, future, "1 (CN=future) is not valid before"),
            ("NOVA_FED_CLIENT_CA_FILE", junk, good, "contains no certificate"),
            ("NOVA_FED_TOKEN_FILE", short, good, "line 2 has a token of another length"),
            ("NOVA_FED_PEER_TOKEN_FILE", "/dev/null", good, "contains no token"),
        ]
        for sample in cases {
            let lines = lines(Self.settings(sample.with).merging([sample.key: sample.path]) { $1 })
            let start = "environment: \(sample.key)='\(sample.path)': "
            #expect(lines.count == 1 && lines[0].hasPrefix(start), "\(lines)")
            #expect(lines.first?.contains(sample.reason) == true, "\(lines)")
        }
    }

    @Test func `a key of mode 0640 and a chain with an intermediate are accepted`() async throws {
        let authority = try await TestAuthority()
        let pair = try await authority.sign("n", names: "DNS:n")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: pair.key)
        let chain = try [pair.certificate, authority.certificate]
            .map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        let file = try folder.write(chain, to: "chain")
        var settings = Self.settings(pair)
        settings["NOVA_FED_TLS_CERT_FILE"] = file
        #expect(lines(settings) == [])
        // In the wrong order the key belongs to the second certificate.
        let reversed = try [authority.certificate, pair.certificate]
            .map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        _ = try folder.write(reversed, to: "chain")
        #expect(lines(settings).count == 1)
    }

    @Test func `a reload has the keys of changed files, and keeps the pair until a restart`()
        async throws
    {
        let authority = try await TestAuthority()
        let (one, two) = (
            try await authority.sign("one", names: "DNS:n"),
            try await authority.sign("two", names: "DNS:n")
        )
        let tokens = try folder.write("0123456789abcdef\n", to: "tokens")
        var settings = Self.settings(one)
        settings["NOVA_FED_TOKEN_FILE"] = tokens
        let first = try load(settings)
        let same = try first.withTrustReread()
        #expect(same.keys(changedFrom: first) == [])
        try folder.overwrite("tokens", with: "fedcba9876543210\n")
        let second = try first.withTrustReread()
        #expect(second.keys(changedFrom: first) == ["NOVA_FED_TOKEN_FILE"])
        #expect(second.trust.tokens?.value.accepts("fedcba9876543210") == true)
        #expect(second.trust.stamps != first.trust.stamps)

        let third = try load(settings.merging(Self.settings(two)) { $1 }, running: second)
        #expect(third.trust.listener?.value === second.trust.listener?.value)
        #expect(
            third.pendingRestart == ["NOVA_FED_TLS_CERT_FILE", "NOVA_FED_TLS_KEY_FILE"]
        )
        // Peers are read without these files.
        #expect(third.trust.listener?.value === (try third.withPeersReread()).trust.listener?.value)
    }

    @Test func `names of clients can be set before the restart that adds their authority`()
        async throws
    {
        let authority = try await TestAuthority()
        let pair = try await authority.sign("n", names: "DNS:n")
        let first = try load([:])
        let settings = [
            "NOVA_FED_CLIENT_CA_FILE": authority.certificate, "NOVA_FED_CLIENT_SANS": "n",
        ]
        let second = try load(Self.settings(pair).merging(settings) { $1 }, running: first)
        #expect(second.pendingRestart.count == 3)
        #expect(!second.clientTrust.isRequired && !second.settings.isTLS)
    }
}
