import Foundation
import TestSupport
import Testing

/// The governor of a real node, as its pages show it.
@Suite struct GovernorServedTests {
    private let change = "governor changed"

    @Test(arguments: 1...4)
    func `the first response is a summary with the governor's numbers`(
        start: Int
    ) async throws {
        let port = try freePort()
        let probe = HTTPProbe(port: port, timeout: .seconds(5))
        let environment = ServedNode.environment(peers: [], port: port)
        try await withDaemon(environment: environment) { process in
            let first = try await firstAnswer(probe, "/federation/sync/summary", of: process)
            #expect(first.status == 200, "start \(start): \(first.text)")
            let summary = try ServedSummary(first.body)
            #expect(summary.metrics.gStar == 0.3 && summary.metrics.gamma == 0.7)
            let seconds = Date().timeIntervalSince1970 - summary.ts
            #expect(seconds >= 0 && seconds < 15)
            #expect(try await probe.get("/ready").status == 200)
            let wisdom = try await ServedNode(process: process, port: port).wisdom()
            #expect(wisdom.eta == 0.1 && wisdom.regime == "safe")
            #expect(wisdom.slot07Reason == "baseline" && wisdom.context == "solo")
        }
    }

    /// Repeats a request until the node, which does not listen yet, answers.
    private func firstAnswer(
        _ probe: HTTPProbe,
        _ path: String,
        of process: ChildProcess
    ) async throws -> HTTPMessage {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            // Refused until the port is open.
            if let answer = try? await probe.get(path) { return answer }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw TestError("No response. The log:\n\(process.log)")
    }

    @Test func `gains without damping freeze the governor from the first tick, logged once`()
        async throws
    {
        let node = try await ServedNode(
            settings: [
                "NOVA_FED_SYNC_ENABLED": "0", "NOVA_WISDOM_A1": "0.01", "NOVA_WISDOM_KD": "0.01",
                "NOVA_WISDOM_POLL_INTERVAL": "0.1",
            ]
        )
        defer { node.process.kill() }
        var moments: Set<Double> = []
        let deadline = ContinuousClock.now + .seconds(20)
        while moments.count < 20, ContinuousClock.now < deadline {
            moments.insert(try await node.summary().ts)
            let wisdom = try await node.wisdom()
            #expect(wisdom.regime == "frozen" && wisdom.slot07Reason == "frozen")
            #expect(wisdom.slot07Jobs == 2)
            #expect(wisdom.eta == 0.1)
            #expect(abs(try #require(wisdom.hopfDistance) - 0.01) < 1e-9)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(moments.count >= 20, "it ticked only \(moments.count) times")
        #expect(try await node.metrics()["nova_federation_slot07_reason"] == 2)
        let lines = await node.logLines(change, count: 1)
        #expect(lines.count == 1)
        #expect(lines.first?.field("to") == "frozen")
        #expect(lines.first?.contains("level=warning") == true)
    }

    @Test func `a governor that is not frozen logs no change`() async throws {
        let node = try await ServedNode(
            settings: ["NOVA_FED_SYNC_ENABLED": "0", "NOVA_WISDOM_POLL_INTERVAL": "0.1"]
        )
        defer { node.process.kill() }
        try await eventually("eta has fallen") {
            try #require(try await node.wisdom().eta) < 0.081
        }
        #expect(node.logLines(change).isEmpty)
        #expect(node.logLines("context changed").isEmpty)
    }
}
