import PeerSync
import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// An actor whose executor a store can use.
actor Host {}

@Suite struct PeerStoreTests {
    private static let identity = NodeIdentity(nodeID: "here", instance: "0000000a")

    private static func store(peers: Int) -> PeerStore {
        let plan = PullPlan(
            peers: (0..<peers)
                .map { number in
                    Peer(
                        label: "\(number)",
                        scheme: .http,
                        host: "10.0.0.\(number)",
                        port: 80,
                        pathPrefix: ""
                    )
                },
            interval: .seconds(10),
            timeout: .seconds(1),
            maxInFlight: 10,
            window: .seconds(100)
        )
        return PeerStore(identity: identity, plan: plan, on: Host())
    }

    /// A good pull of each peer; each is a node with its own G*.
    private static func iteration(peers: Int, at seconds: Double) -> PeerStore.Iteration {
        var iteration = PeerStore.Iteration()
        iteration.observations = (0..<peers)
            .map { index in
                var metrics = SummaryNumbers.resting
                metrics.gStar = Double(index) / 10
                let summary = Summary(
                    nodeID: "node \(index)",
                    ts: seconds,
                    version: "1",
                    metrics: metrics,
                    instance: nil
                )
                return Observation(
                    index: index,
                    received: Instant(seconds: seconds),
                    wall: seconds,
                    timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: 0.01, total: 0.02),
                    outcome: .success(summary)
                )
            }
        return iteration
    }

    /// The addresses of a ledger's histories.
    private static func address(of ledger: Ledger) -> UInt {
        unsafe ledger.histories.withUnsafeBufferPointer {
            UInt(bitPattern: $0.baseAddress)
        }
    }

    @Test func `an iteration is recorded in place unless a reader keeps a copy`() async {
        let store = Self.store(peers: 3)
        let before = Self.address(of: store.latest.ledger)
        _ = await store.record(Self.iteration(peers: 3, at: 100))
        #expect(Self.address(of: store.latest.ledger) == before)
        let kept = store.latest
        _ = await store.record(Self.iteration(peers: 3, at: 110))
        #expect(Self.address(of: store.latest.ledger) != before)
        #expect(kept.ledger.totals.successes == 3)
        #expect(store.latest.ledger.totals.successes == 6)
    }

    @Test func `the store returns the G* of peers with a recent good pull`() async {
        let store = Self.store(peers: 3)
        _ = await store.record(Self.iteration(peers: 3, at: 100))
        _ = await store.record(Self.iteration(peers: 2, at: 110))
        for (now, gStars) in [(190.0, [0, 0.1, 0.2]), (190.5, [0, 0.1]), (200.5, [])] {
            let now = Instant(seconds: now)
            #expect(await store.peerGStars(maxAge: .seconds(90), at: now) == gStars)
        }
    }

    @Test func `running time continues while the loop hangs`() async {
        let store = Self.store(peers: 0)
        func runningTime(at seconds: Double) -> Instant {
            store.latest.ledger.running[Instant(seconds: seconds)]
        }
        var iteration = PeerStore.Iteration()
        iteration.timing = (Instant(seconds: 100), Instant(seconds: 101))
        _ = await store.record(iteration)
        #expect(runningTime(at: 120) == Instant(seconds: 101) + .milliseconds(50))
        for seconds in [110.0, 120] { store.processRuns(at: Instant(seconds: seconds)) }
        #expect(runningTime(at: 120) == Instant(seconds: 110))
        iteration.timing = (Instant(seconds: 120), Instant(seconds: 121))
        _ = await store.record(iteration)
        #expect(runningTime(at: 120) == Instant(seconds: 110))
    }
}
