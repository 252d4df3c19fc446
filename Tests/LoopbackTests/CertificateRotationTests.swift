import Foundation
import TestSupport
import Testing

/// A real node whose certificates, authorities and tokens change while it pulls and is pulled.
@Suite struct CertificateRotationTests {
    /// How a file is changed.
    private enum Way: CaseIterable {
        case inPlace, rename, symlink
    }

    /// The contents of the files in turn; the peers accept all of them.
    ///
    /// The node accepts the clients of this state and of the one before it.
    private struct State {
        let client: String
        let token: String
        /// Names and contents, in the order in which they are written.
        let files: [(name: String, text: String)]
        /// What clients of the node present in this state.
        let credentials: [(name: String, text: String)]
    }

    /// `make rotations` sets it to 1,000; with the address sanitizer they take longer.
    private static let rotations: Int = {
        #if PLAIN_MALLOC
        let usual = 12
        #else
        let usual = 50
        #endif
        return ProcessInfo.processInfo.environment["ROTATIONS"].flatMap { Int($0) } ?? usual
    }()

    private let folder: TemporaryDirectory
    private let authorities: [TestAuthority]
    private let states: [State]
    private let peers: TLSPeers
    private let expired: TestAuthority.Pair

    init() async throws {
        folder = try TemporaryDirectory()
        let first = try await TestAuthority(named: "authority")
        let second = try await TestAuthority(named: "authority")
        authorities = [first, second]
        let texts = try [first, second].map { try Self.text($0.certificate) }
        var clients: [TestAuthority] = []
        for _ in 0..<3 { clients.append(try await TestAuthority(named: "clients")) }
        let accepted = try clients.map { try Self.text($0.certificate) }
        var states: [State] = []
        for (index, authority) in [first, second, first].enumerated() {
            let own = try await authority.sign("own-\(index)", names: "IP:127.0.0.1")
            let pair = try await clients[index].sign("client", names: "DNS:client")
            let before = (index + 2) % 3
            states.append(
                State(
                    client: "CN=own-\(index)",
                    token: "token-of-the-state-\(index)",
                    files: try [
                        ("clients", accepted[index] + accepted[before]),
                        ("tokens", "token-of-client-\(before)\ntoken-of-client-\(index)\n"),
                        // The same authorities in another order are other contents.
                        ("ca", (index == 1 ? texts.reversed() : texts).joined()),
                        ("key", Self.text(own.key)), ("chain", Self.text(own.certificate)),
                        ("token", "token-of-the-state-\(index)\n"),
                    ],
                    credentials: try [
                        ("cert", Self.text(pair.certificate)), ("key", Self.text(pair.key)),
                        ("token", "token-of-client-\(index)"),
                    ]
                )
            )
        }
        self.states = states
        expired = try await first.sign("expired", names: "IP:127.0.0.1", validity: .past)
        peers = try await TLSPeers(
            count: 100,
            authority: first,
            clientAuthorities: folder.write(texts.joined(), to: "both")
        )
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Makes the clients of the node present the credentials of a state.
    private func present(_ state: State, round: Int) throws {
        _ = try folder.folder("credentials/\(round)")
        for (name, text) in state.credentials {
            try folder.overwrite("credentials/\(round)/\(name)", with: text)
        }
        try link("\(round)", as: "credentials/now")
    }

    /// Replaces a link.
    private func link(_ target: String, as name: String) throws {
        let new = folder.file("\(name).new")
        try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: target)
        #expect(unsafe rename(new, folder.file(name)) == 0)
    }

    private func change(to state: State, _ way: Way, round: Int) throws {
        for (name, text) in state.files {
            switch way {
            case .inPlace: try folder.overwrite(name, with: text)
            case .rename: try folder.replace(name, with: text)
            case .symlink:
                try folder.overwrite("\(name)-\(round)", with: text)
                try link("\(name)-\(round)", as: name)
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
                // A pull every 5 ms.
                "NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_FED_WINDOW_SEC": "2",
                "NOVA_FED_DRAIN_SEC": "0",
                "NOVA_FED_CA_FILE": folder.file("ca"),
                "NOVA_FED_TLS_CERT_FILE": folder.file("chain"),
                "NOVA_FED_TLS_KEY_FILE": folder.file("key"),
                "NOVA_FED_PEER_TOKEN_FILE": folder.file("token"),
                "NOVA_FED_CLIENT_CA_FILE": folder.file("clients"),
                "NOVA_FED_TOKEN_FILE": folder.file("tokens"),
            ]
        )
    }

    private func metrics(of port: Int) async throws -> ServedMetrics {
        let tokens = try Self.text(folder.file("tokens")).split(separator: "\n")
        return try await ServedMetrics(
            of: port,
            trusting: folder.file("both"),
            token: String(tokens[0])
        )
    }

    @Test(.timeLimit(.minutes(60)))
    func `rotations cause no failed pull and no refused request, and old credentials are refused`()
        async throws
    {
        try change(to: states[0], .inPlace, round: 0)
        let process = try node()
        defer { process.kill() }
        let port = try await ServedNode.port(of: process)
        try present(states[0], round: 0)
        let clients = try TLSClients(
            port: port,
            authority: folder.file("both"),
            path: "/federation/sync/summary",
            kept: 32,
            fresh: 32,
            pause: .milliseconds(500),
            credentials: folder.file("credentials")
        )
        try await clients.use(0)
        var early: ProcessResources?
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
            try present(state, round: round)
            try await clients.use(round)
            if round == Self.rotations / 2 { early = try ProcessResources(of: process) }
        }
        let late = try ProcessResources(of: process)
        let report = try await clients.stop()
        #expect(report.failures.isEmpty, "\(process.log)")
        #expect(report.requests > Self.rotations * 64)
        let metrics = try await metrics(of: port)
        #expect(metrics.pulls("error") == 0, "\(process.log)")
        #expect(metrics.pulls("success") > Self.rotations * 100)
        let expiry = "nova_federation_certificate_expiry_timestamp_seconds"
        let ends = metrics.values.filter { $0.key.hasPrefix("\(expiry){role=\"peer\"") }
        #expect(ends.count == 100)
        #expect(ends.values.allSatisfy { $0 > Date().timeIntervalSince1970 + 80_000 })
        // Every rotation closed the connection of every peer, and nothing else did.
        let connections = Set(try peers.requests.map(\.connection)).count
        #expect(connections <= (Self.rotations + 3) * 100)
        let before = try #require(early)
        // The address sanitizer keeps freed memory.
        #if !PLAIN_MALLOC
        #expect(late.residentKiB <= before.residentKiB + 4_096, "from \(before) to \(late)")
        #endif
        // The new connections of clients come and go.
        #expect(late.files <= before.files + 80, "from \(before) to \(late)")
        #expect(late.threads <= before.threads + 4, "from \(before) to \(late)")
        try await expectRefusal(of: process, port)
    }

    /// Removes the authority of the peers.
    private func expectRefusal(of process: ChildProcess, _ port: Int) async throws {
        let reloads = process.log.components(separatedBy: "msg=reloaded").count
        try folder.replace("ca", with: Self.text(authorities[1].certificate))
        process.send(SIGHUP)
        await eventually("the authority is removed") {
            process.log.components(separatedBy: "msg=reloaded").count > reloads
        }
        let before = try await metrics(of: port).pulls("success")
        try await eventually("every peer is refused") {
            try await metrics(of: port).pulls("error") >= 200
        }
        // Only pulls that had begun succeed: at most one of each peer.
        #expect(try await metrics(of: port).pulls("success") <= before + 100)
    }

    @Test func `files that do not match, are cut off or have expired change nothing`() async throws
    {
        try change(to: states[0], .inPlace, round: 0)
        let process = try node()
        defer { process.kill() }
        let port = try await ServedNode.port(of: process)
        let good = Dictionary(uniqueKeysWithValues: states[0].files.map { ($0.name, $0.text) })
        let chain = try #require(states[1].files.first { $0.name == "chain" }?.text)
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
                try peers.requests.count > seen + 200
            }
            #expect(try peers.haveSeen(states[0].client, states[0].token))
            for name in files.keys { try folder.overwrite(name, with: try #require(good[name])) }
        }
        #expect(try await metrics(of: port).pulls("error") == 0, "\(process.log)")
        #expect(!process.log.contains(states[0].token))
    }
}
