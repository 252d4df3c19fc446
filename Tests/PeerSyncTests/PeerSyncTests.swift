import Federation
import PeerSync
import Synchronization
import Testing

@testable import Timing

/// The loop with a transport and a clock that the test controls.
@Suite struct `The pull loop` {
    /// Starts pulls and finishes none; each `collect` waits until it is interrupted.
    private final class StillWire: Transport {
        struct State {
            var started: [Peer.Index] = []
            var givenUp: [Set<Peer.Index>] = []
            var names: Set<String> = []
            var timeouts: [Duration] = []
        }

        let state = Mutex(State())
        private let interrupts: AsyncStream<Void>
        private let interruption: AsyncStream<Void>.Continuation

        init() {
            (interrupts, interruption) = AsyncStream.makeStream(
                bufferingPolicy: .bufferingNewest(1)
            )
        }

        func start(_ pulls: [Pull], timeout: Duration) async {
            state.withLock { state in
                state.started += pulls.map(\.index)
                state.timeouts.append(timeout)
            }
        }

        func collect(until: Instant, gathering: Duration) async -> [FinishedPull] {
            // Iterators share the stream; one caller at a time.
            for await _ in interrupts { break }
            return []
        }

        func interrupt() async { interruption.yield() }

        func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async {
            state.withLock { state in
                state.givenUp.append(peers)
                state.names.formUnion(names)
            }
        }
    }

    private struct Stopped: Timekeeper {
        var now: Instant { Instant(seconds: 1000) }
        var wallNow: Double { 1000 }
    }

    private static func peer(_ label: String, at host: String) -> Peer {
        Peer(label: label, scheme: .http, host: host, port: 80, pathPrefix: "")
    }

    private static func plan(_ peers: [Peer], timeout: Duration = .seconds(1)) -> PullPlan {
        PullPlan(
            peers: peers,
            interval: .seconds(10),
            timeout: timeout,
            maxInFlight: 10,
            window: .seconds(100)
        )
    }

    private static func loop(
        _ wire: StillWire,
        _ plan: PullPlan,
        store: PeerStore? = nil,
        beat: @escaping @Sendable (Instant) -> Void = { _ in }
    ) -> PeerSync<StillWire, Stopped> {
        PeerSync(
            transport: wire,
            time: Stopped(),
            store: store ?? Self.store(plan),
            plan: plan,
            nodeID: "here",
            heartbeatInterval: .seconds(1),
            heartbeat: beat,
            report: { _, _ in }
        )
    }

    private static func store(_ plan: PullPlan) -> PeerStore {
        let identity = NodeIdentity(nodeID: "here", instance: "0000000a")
        return PeerStore(identity: identity, plan: plan, on: Host())
    }

    @Test func `peers get their indices in the order of their phases`() {
        let plan = Self.plan((0..<100).map { Self.peer("\($0)", at: "10.0.0.\($0)") })
        let ledger = Self.store(plan).latest.ledger
        let phases = ledger.peers.map { _, peer in
            slotPhase(ofNode: "here", peerURL: peer.url, interval: plan.interval)
        }
        #expect(phases.count == 100)
        #expect(phases == phases.sorted())
    }

    @Test func `another plan abandons removed peers and forgets unused names`()
        async throws
    {
        let wire = StillWire()
        let first = [
            Self.peer("a", at: "10.0.0.1"), Self.peer("b", at: "name.example"),
            Self.peer("c", at: "shared.example"),
        ]
        let store = Self.store(Self.plan(first))
        let sync = Self.loop(wire, Self.plan(first), store: store)
        let before = store.latest.ledger.peers
        #expect(before.map(\.index) == [0, 1, 2])
        let stay = before.filter { $0.peer.label == "a" }.map(\.index)
        let go = before.filter { $0.peer.label != "a" }.map(\.index)
        let running = Task { await sync.run() }
        var shared = Self.peer("d", at: "shared.example")
        shared.port = 81
        let second = [Self.peer("renamed", at: "10.0.0.1"), shared]
        let changes = try #require(
            await sync.adopt(Self.plan(second, timeout: .seconds(2)))
        )
        #expect(changes.renamed.map(\.index) == stay)
        #expect(changes.removed == go)
        #expect(changes.added.count == 1)
        let state = wire.state.withLock(\.self)
        #expect(state.givenUp == [Set(go)])
        #expect(state.names == ["name.example"])
        let labels = store.latest.ledger.peers.map(\.peer.label)
        #expect(labels.sorted() == ["d", "renamed"])
        // The next iteration uses the new plan.
        _ = await sync.adopt(Self.plan(second, timeout: .seconds(2)))
        #expect(wire.state.withLock { $0.timeouts.last } == .seconds(2))
        running.cancel()
        await running.value
    }

    @Test func `a plan is answered with nil once the loop has ended`()
        async
    {
        let wire = StillWire()
        let sync = Self.loop(wire, Self.plan([]))
        let waiting = Task { await sync.adopt(Self.plan([])) == nil }
        let running = Task { await sync.run() }
        running.cancel()
        await running.value
        // Either may come first; neither waits forever.
        _ = await waiting.value
        #expect(await sync.adopt(Self.plan([])) == nil)
    }

    @Test func `a loop that hangs sends no heartbeat`() async throws {
        let wire = StillWire()
        let beats = Atomic(0)
        let sync = Self.loop(wire, Self.plan([])) { _ in
            beats.add(1, ordering: .relaxed)
        }
        let running = Task { await sync.run() }
        // Each adopted plan causes one iteration, and nothing else does.
        for turn in 2...5 {
            _ = await sync.adopt(Self.plan([]))
            let count = beats.load(ordering: .relaxed)
            #expect(count == turn || count == turn - 1)
        }
        running.cancel()
        await running.value
    }
}
