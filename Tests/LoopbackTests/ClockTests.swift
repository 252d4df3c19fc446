import Foundation
import Glibc
import TestSupport
import Testing

/// A node with any wall clock, and peers with any timestamp.
@Suite struct ClockTests {
    @Test(arguments: [
        "@1601-01-01 00:00:00", "@1969-12-31 23:59:58", "@2262-04-11 23:47:15",
        "@2300-01-01 00:00:00", "@9999-12-31 23:59:58", "+100000y", "-100000y",
    ])
    func `a node serves, pulls and logs with any wall clock`(time: String) async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        defer { peer.stop() }
        let settings = ["NOVA_FED_SYNC_INTERVAL": "0.5", "NOVA_WISDOM_POLL_INTERVAL": "0.5"]
        let node = try await ServedNode(
            peers: ["b=\(peer.url)"],
            settings: settings.merging(try FakeTime.environment(time)) { $1 }
        )
        defer { node.process.kill() }
        await eventually("it pulls") { peer.requests.count > 3 }
        #expect(try await node.summary().nodeId.isEmpty == false)
        #expect(try await node.health().peers.first?.state == "up")
        for page in ["/metrics", "/federation/wisdom", "/federation/sd"] {
            #expect(try await node.get(page).status == 200, "\(page)")
        }
        node.process.send(SIGHUP)
        _ = try await node.process.logLine(containing: "msg=reloaded")
        #expect(try await node.stop() == .exit(0), "\(node.process.log)")
    }

    @Test(arguments: ["+400y", "-400y"])
    func `the pull command works with any wall clock`(time: String) async throws {
        let peer = try ScriptedPeer(.summary(nodeID: "nova-b"))
        defer { peer.stop() }
        let finished = try await run(
            daemonExecutable(),
            ["pull", "--json", peer.url],
            environment: FakeTime.environment(time)
        )
        #expect(finished.ending == .exit(0), "\(finished.log)")
    }

    @Test func `no timestamp of a peer ends a node`() async throws {
        let times = [
            "1e308", "-1e308", "9223372036854775808", "-9223372036854775809", "0", "1e-320",
            "253402300800", "179769313486231570000000000000000000000000",
        ]
        let peers = try times.enumerated()
            .map { index, time in
                let summary = summaryJSON(nodeID: "node-\(index)", ts: 77.5)
                let body = summary.replacingOccurrences(of: "77.5", with: time)
                return try ScriptedPeer(.answer(response(body: body)))
            }
        defer { for peer in peers { peer.stop() } }
        let node = try await ServedNode(
            peers: peers.map(\.url),
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.2"]
        )
        defer { node.process.kill() }
        await eventually("it pulls them") { peers.allSatisfy { $0.requests.count > 2 } }
        for page in ["/metrics", "/federation/health", "/federation/wisdom"] {
            #expect(try await node.get(page).status == 200, "\(page)")
        }
        #expect(try await node.stop() == .exit(0), "\(node.process.log)")
    }
}
