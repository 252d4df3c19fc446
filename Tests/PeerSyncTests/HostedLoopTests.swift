import Dispatch
import Federation
import PeerSync
import Synchronization
import Testing

@testable import Timing

/// The loop on the executor of its transport's actor.
@Suite struct HostedLoopTests {
    /// A queue that counts its jobs.
    private final class CountingExecutor: SerialExecutor, TaskExecutor {
        let jobs = Atomic(0)
        private let queue = DispatchQueue(label: "loop")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            jobs.add(1, ordering: .relaxed)
            queue.async {
                unsafe job.runSynchronously(
                    isolatedTo: self.asUnownedSerialExecutor(),
                    taskExecutor: self.asUnownedTaskExecutor()
                )
            }
        }
    }

    /// The calls of a transport in each iteration, which never wait; the last one ends the loop.
    private actor Asked {
        let executor = CountingExecutor()
        private var left: Int

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe executor.asUnownedSerialExecutor()
        }

        init(turns: Int) { left = turns }

        func turn() {
            left -= 1
            if left == 0 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
        }

        /// Hosts the loop as the real client does.
        func host(_ body: @Sendable (isolated Asked) async -> Void) async {
            await withTaskExecutorPreference(executor) { await body(self) }
        }
    }

    /// A store on another executor than the loop's.
    private actor Elsewhere {
        let executor = CountingExecutor()

        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe executor.asUnownedSerialExecutor()
        }
    }

    private struct AskingWire: Transport {
        let asked: Asked

        func start(_ pulls: [Pull], timeout: Duration) async {}

        func collect(until: Instant, gathering: Duration) async -> [FinishedPull] {
            await asked.turn()
            return []
        }

        func interrupt() async {}

        func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async {}
    }

    private struct Stopped: Timekeeper {
        var now: Instant { Instant(seconds: 1000) }
        var wallNow: Double { 1000 }
    }

    /// Records in each of 1,000 iterations, with a store on the executor of `host`.
    private static func turn(_ asked: Asked, storeOn host: any Actor) async {
        let identity = NodeIdentity(nodeID: "here", instance: "0000000a")
        let plan = PullPlan(
            peers: [],
            interval: .seconds(10),
            timeout: .seconds(1),
            maxInFlight: 10,
            window: .seconds(100)
        )
        let sync = PeerSync(
            transport: AskingWire(asked: asked),
            time: Stopped(),
            store: PeerStore(identity: identity, plan: plan, on: host),
            plan: plan,
            nodeID: "here",
            heartbeatInterval: .seconds(1),
            heartbeat: { _ in },
            report: { _, _ in }
        )
        await Task { await asked.host { asked in await sync.run(isolation: asked) } }.value
    }

    @Test func `an iteration does not change executors and records without a job`() async {
        let asked = Asked(turns: 1000)
        await Self.turn(asked, storeOn: asked)
        // One job to get there; whatever the runtime adds, it is not one per iteration.
        #expect(asked.executor.jobs.load(ordering: .relaxed) < 10)
    }

    @Test func `recording on another executor costs jobs in every iteration`() async {
        let (asked, elsewhere) = (Asked(turns: 1000), Elsewhere())
        await Self.turn(asked, storeOn: elsewhere)
        #expect(elsewhere.executor.jobs.load(ordering: .relaxed) >= 1000)
        #expect(asked.executor.jobs.load(ordering: .relaxed) > 1000)
    }
}
