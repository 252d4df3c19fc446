import TestSupport
import Testing

/// Peers that never answer, with a timeout as long as the interval.
@Suite struct HungSlotsTests {
    @Test func `with a timeout of an interval, hung peers miss few slots and are pulled on time`()
        async throws
    {
        let hung = try (0..<8).map { _ in try ScriptedPeer(.silence) }
        defer { for peer in hung { peer.stop() } }
        let node = try await ServedNode(
            peers: hung.enumerated().map { "h\($0)=\($1.url)" },
            settings: ["NOVA_FED_SYNC_INTERVAL": "0.2", "NOVA_FED_SYNC_TIMEOUT": "0.2"]
        )
        defer { node.process.kill() }
        try await eventually("the first pass is over") {
            try await node.metrics().slots >= 3 * hung.count
        }
        let before = try await node.metrics()
        try await eventually("a hundred slots of each have passed", within: .seconds(40)) {
            try await node.metrics().slots - before.slots >= 100 * hung.count
        }
        let after = try await node.metrics()
        let slots = Double(after.slots - before.slots)
        // On a busy machine a pull that ends late counts as missed too. If pulls reached into the
        // next slot, a tenth of the slots would be missed, and half of the pulls late.
        #expect(Double(after.missed - before.missed) <= 0.03 * slots)
        let series = "nova_federation_schedule_lateness_seconds"
        func started(_ metrics: ServedMetrics, within bound: String) throws -> Double {
            try #require(metrics["\(series)_bucket{le=\"\(bound)\"}"])
        }
        let all = try started(after, within: "+Inf") - started(before, within: "+Inf")
        let inTime = try started(after, within: "0.01") - started(before, within: "0.01")
        #expect(inTime >= 0.9 * all, "\(inTime) of \(all) pulls started within 10 ms")
    }
}
