import Foundation
import Glibc
import TestSupport
import Testing

/// The page in a real browser: no request except the page itself, nothing logged, and no violated
/// rule of accessibility or layout.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BrowserTests {
    /// The windows in which a page must be readable.
    private static func windows(_ url: String) -> [BrowserJob] {
        ["light", "dark"]
            .flatMap { scheme in
                [1_280, 400].map { BrowserJob(url: url, width: $0, scheme: scheme) }
            }
    }

    /// Opens paths of a node in every window, and expects each page to pass.
    private func expectGood(_ paths: [String], on node: ServedNode) async throws {
        let urls = paths.map { "http://127.0.0.1:\(node.port)\($0)" }
        let jobs = urls.flatMap(Self.windows)
        for (job, page) in zip(jobs, try await browse(jobs)) {
            let window: Comment = "\(job.url), \(job.width) px, \(job.scheme)"
            #expect(page.status == 200, window)
            #expect(page.requests == [job.url], window)
            #expect(page.log == [], window)
            #expect(page.faults == [], window)
        }
    }

    /// A server that is `count` peers, each below a path of its own, and their URLs.
    private func healthyPeers(_ count: Int) throws -> (ScriptedPeer, [String]) {
        let peer = try ScriptedPeer(
            .answering { request in
                let name = request.firstLine.split(separator: "/").dropFirst().first ?? ""
                let summary = summaryJSON(
                    nodeID: "node-\(name)",
                    gStar: Double(name.utf8.reduce(0) { $0 + Int($1) } % 10) / 10,
                    ts: Date().timeIntervalSince1970
                )
                return response(body: summary)
            }
        )
        return (peer, (1...count).map { "n\($0)=\(peer.url)/n\($0)" })
    }

    /// URLs that refuse connections.
    private func deadPeers(_ names: Range<Int>, port: Int) -> [String] {
        names.map { "dead\($0)=http://127.1.\($0 / 250).\($0 % 250 + 1):\(port)" }
    }

    @Test(arguments: [5, 200])
    func `healthy peers are shown`(count: Int) async throws {
        let (server, peers) = try healthyPeers(count)
        defer { server.stop() }
        try await withNode(peers: peers) { node in
            try await eventually("all peers are up", within: .seconds(60)) {
                try await node.has(up: count, down: 0)
            }
            try await expectGood(["/", "/peers/n3"], on: node)
        }
    }

    @Test func `half of the peers are down`() async throws {
        let (server, peers) = try healthyPeers(5)
        defer { server.stop() }
        let port = try freePort()
        try await withNode(peers: peers + deadPeers(0..<5, port: port)) { node in
            try await eventually("five peers are up and five are down") {
                try await node.has(up: 5, down: 5)
            }
            try await expectGood(["/", "/peers/dead3", "/?state=down", "/?q=n"], on: node)
        }
    }

    @Test func `10,000 peers are shown`() async throws {
        let dead = deadPeers(0..<10_000, port: try freePort())
        let folder = try TemporaryDirectory()
        let file = folder.file("peers")
        try dead.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let settings = ["NOVA_FED_PEERS_FILE": file, "NOVA_FED_SYNC_INTERVAL": "10"]
        try await withNode(settings.merging(["NOVA_FED_SYNC_ENABLED": "1"]) { $1 }) { node in
            try await eventually("all peers are down", within: .seconds(120)) {
                try await node.has(up: 0, down: dead.count)
            }
            try await expectGood(["/", "/?page=50"], on: node)
        }
    }

    @Test func `hostile text of peers is text, and names of 64 characters fit`() async throws {
        // As in JSON, which the summary of a script does not escape.
        let id = "</bdi><script>alert(1)</script>\\\"'&\u{202E}\u{2066}名前"
        let peer = try ScriptedPeer(.summary(nodeID: id))
        let bad = try ScriptedPeer(.answer(response(body: "{\"<img src=x onerror=alert(1)>\": 1}")))
        let name = String(repeating: "W", count: 64)
        let peers = ["\(name)=\(peer.url)", "bad=\(bad.url)"]
        try await withNode(peers: peers) { node in
            try await eventually("both peers were pulled") {
                try await node.has(up: 1, down: 1)
            }
            try await expectGood(["/", "/peers/\(name)", "/peers/bad"], on: node)
        }
    }

    @Test func `a node that drains is shown`() async throws {
        let (server, peers) = try healthyPeers(2)
        defer { server.stop() }
        try await withNode(peers: peers, ["NOVA_FED_DRAIN_SEC": "30"]) { node in
            node.process.send(SIGTERM)
            try await eventually("the node drains") {
                try await node.probe.get("/ready").status == 503
            }
            #expect(try await node.page("/").contains("draining"))
            try await expectGood(["/"], on: node)
        }
    }

    @Test(arguments: [["FEDERATION_ENABLED": "0"], ["NOVA_FED_SYNC_ENABLED": "0"]])
    func `a node without peers is shown`(environment: [String: String]) async throws {
        try await withNode(environment) { node in
            try await expectGood(["/"], on: node)
        }
    }
}

extension ServedNode {
    /// Whether so many peers are up, and so many down.
    fileprivate func has(up: Int, down: Int) async throws -> Bool {
        let peers = try await json("/federation/health")["peers"] as? [[String: Any]] ?? []
        let states = peers.compactMap { $0["state"] as? String }
        return states.count { $0 == "up" } == up && states.count { $0 == "down" } == down
    }
}
