import Foundation
import TestSupport
import Testing

/// A real node whose trusted and own certificates and whose token change while it pulls.
@Suite struct CertificateRotationTests {
    /// How a file is changed.
    private enum Way: CaseIterable {
        case inPlace, rename, symlink
    }

    /// The contents of the four files in turn; all of them are accepted.
    private struct State {
        let client: String
        let token: String
        /// By name.
        let files: [String: String]
    }

    /// `make rotations` sets it to 1,000.
    private static let rotations =
        ProcessInfo.processInfo.environment["ROTATIONS"].flatMap { Int($0) } ?? 24

    private let folder: TemporaryDirectory
    private let authorities: [TestAuthority]
    private let states: [State]
    private let peers: TLSPeers
    private let expired: TestAuthority.Pair

    init() async throws {
        folder = try TemporaryDirectory()
        let first = try await TestAuthority(named: "first")
        let second = try await TestAuthority(named: "second")
        authorities = [first, second]
        let texts = try [first, second]
            .map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }
        var states: [State] = []
        for (index, authority) in [first, second, first].enumerated() {
            let own = try await authority.sign("own-\(index)", names: "IP:127.0.0.1")
            states.append(
                State(
                    client: "CN=own-\(index)",
                    token: "token-of-the-state-\(index)",
                    files: try [
                        // The same authorities in another order are other contents.
                        "ca": (index == 1 ? texts.reversed() : texts).joined(),
                        "chain": String(contentsOfFile: own.certificate, encoding: .utf8),
                        "key": String(contentsOfFile: own.key, encoding: .utf8),
                        "token": "token-of-the-state-\(index)\n",
                    ]
                )
            )
        }
        self.states = states
        expired = try await first.sign("expired", names: "IP:127.0.0.1", validity: .past)
        peers = try await TLSPeers(
            count: 6,
            authority: first,
            clientAuthorities: folder.write(texts.joined(), to: "both")
        )
    }

    private func change(to state: State, _ way: Way, round: Int) throws {
        for (name, text) in state.files {
            switch way {
            case .inPlace: try folder.overwrite(name, with: text)
            case .rename: try folder.replace(name, with: text)
            case .symlink:
                let (target, link) = ("\(name)-\(round)", folder.file("\(name).new"))
                try folder.overwrite(target, with: text)
                try FileManager.default.createSymbolicLink(
                    atPath: link,
                    withDestinationPath: target
                )
                #expect(unsafe rename(link, folder.file(name)) == 0)
            }
        }
    }

    private func node() throws -> ChildProcess {
        try ChildProcess(
            daemonExecutable(),
            ["serve"],
            environment: [
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "FEDERATION_BIND": "127.0.0.1:0", "NOVA_ENABLE_PROMETHEUS": "1",
                "NOVA_FED_PEERS": peers.urls.joined(separator: ","),
                "NOVA_FED_SYNC_INTERVAL": "0.2", "NOVA_FED_WINDOW_SEC": "2",
                "NOVA_FED_DRAIN_SEC": "0",
                "NOVA_FED_CA_FILE": folder.file("ca"),
                "NOVA_FED_TLS_CERT_FILE": folder.file("chain"),
                "NOVA_FED_TLS_KEY_FILE": folder.file("key"),
                "NOVA_FED_PEER_TOKEN_FILE": folder.file("token"),
            ]
        )
    }

    private func metrics(of port: Int) async throws -> ServedMetrics {
        let finished = try await run(
            tool(named: "curl", package: "curl"),
            ["-sS", "--cacert", folder.file("both"), "https://127.0.0.1:\(port)/metrics"]
        )
        guard finished.ending == .exit(0) else { throw TestError(finished.log) }
        return ServedMetrics(finished.output)
    }

    /// Resident KiB, descriptors and threads of a process.
    private func resources(
        of process: ChildProcess
    ) throws -> (resident: Int, files: Int, threads: Int) {
        let path = "/proc/\(process.pid)"
        let status = try String(contentsOfFile: "\(path)/status", encoding: .utf8)
        func number(_ key: String) throws -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix("\(key):") }
            return try #require(
                line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
            )
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(path)/fd").count
        return try (number("VmRSS"), files, number("Threads"))
    }

    @Test(.timeLimit(.minutes(30)))
    func `rotations of authorities, certificate, key and token cause no failed pull`() async throws
    {
        try change(to: states[0], .inPlace, round: 0)
        let process = try node()
        defer { process.kill() }
        let port = try await ServedNode.port(of: process)
        var early: (resident: Int, files: Int, threads: Int)?
        for round in 1...Self.rotations {
            let state = states[round % states.count]
            let way = Way.allCases[round / states.count % Way.allCases.count]
            try change(to: state, way, round: round)
            // In the first rounds of each way nothing asks for the reload.
            let isWatched = round <= 9 && round % states.count == 0
            if !isWatched { process.send(SIGHUP) }
            let isSeen = try await eventually("round \(round) (\(way)) reaches every peer") {
                try peers.haveSeen(state.client, state.token)
            }
            guard isSeen else { throw TestError(process.log) }
            if round == Self.rotations / 2 { early = try resources(of: process) }
        }
        let late = try resources(of: process)
        let metrics = try await metrics(of: port)
        #expect(metrics.pulls("error") == 0, "\(process.log)")
        #expect(metrics.pulls("success") > Self.rotations * 6)
        let expiry = "nova_federation_certificate_expiry_timestamp_seconds"
        let ends = metrics.values.filter { $0.key.hasPrefix("\(expiry){role=\"peer\"") }
        #expect(ends.count == 6)
        #expect(ends.values.allSatisfy { $0 > Date().timeIntervalSince1970 + 80_000 })
        // Every rotation closed the connection of every peer, and nothing else did.
        let connections = Set(try peers.requests.map(\.connection)).count
        #expect(connections <= (Self.rotations + 3) * 6)
        let before = try #require(early)
        // The address sanitizer keeps freed memory.
        #if !PLAIN_MALLOC
        #expect(late.resident <= before.resident + 4_096, "from \(before) to \(late)")
        #endif
        #expect(late.files <= before.files + 12, "from \(before) to \(late)")
        #expect(late.threads <= before.threads + 4, "from \(before) to \(late)")
    }

    @Test func `files that do not match, are cut off or have expired change nothing`() async throws
    {
        try change(to: states[0], .inPlace, round: 0)
        let process = try node()
        defer { process.kill() }
        let port = try await ServedNode.port(of: process)
        let good = states[0].files
        let chain = try #require(states[1].files["chain"])
        let bad: [(fault: String, files: [String: String])] = try [
            ("is not the key of the first certificate", ["chain": chain]),
            ("NOVA_FED_TLS_CERT_FILE='", ["chain": String(chain.prefix(300))]),
            ("NOVA_FED_TLS_KEY_FILE='", ["key": ""]),
            ("NOVA_FED_CA_FILE='", ["ca": "-----BEGIN CERTIFICATE-----\nMIIB"]),
            ("has a token of another length", ["token": "short\n"]),
            (
                "expired on",
                [
                    "chain": String(contentsOfFile: expired.certificate, encoding: .utf8),
                    "key": String(contentsOfFile: expired.key, encoding: .utf8),
                ]
            ),
        ]
        for (fault, files) in bad {
            for (name, text) in files { try folder.overwrite(name, with: text) }
            process.send(SIGHUP)
            _ = try await process.logLine(containing: fault)
            let seen = try peers.requests.count
            try await eventually("the old contents stay in use") {
                try peers.requests.count > seen + 12
            }
            #expect(try peers.haveSeen(states[0].client, states[0].token))
            for name in files.keys { try folder.overwrite(name, with: try #require(good[name])) }
        }
        #expect(try await metrics(of: port).pulls("error") == 0, "\(process.log)")
        #expect(!process.log.contains(states[0].token))
    }
}
