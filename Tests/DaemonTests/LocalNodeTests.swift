import Federation
import Logging
import PeerSync
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Host
@testable import Pages
@testable import Settings
@testable import Timing

/// When a node computes its own numbers, and their values.
@Suite struct LocalNodeTests {
    /// A clock that a test advances.
    final class Clock: Timekeeper {
        private let seconds = Mutex(0.0)

        var now: Instant { Instant(seconds: 100 + seconds.withLock(\.self)) }
        var wallNow: Double { 1_800_000_000 + seconds.withLock(\.self) }

        func advance(_ span: Double) { seconds.withLock { $0 += span } }
    }

    /// The system's clocks; counts ticks, because each tick reads the wall clock once.
    private final class TickCounter: Timekeeper {
        private let count = Mutex(0)

        var ticks: Int { count.withLock(\.self) }
        var now: Instant { SystemTime().now }
        var wallNow: Double {
            count.withLock { $0 += 1 }
            return SystemTime().wallNow
        }
    }

    /// A source that returns what the test has set.
    private final class FakeSource: SummarySource {
        private let reading = Mutex<SourceReading?>(nil)
        private let reads = Mutex(0)

        var readCount: Int { reads.withLock(\.self) }

        func set(_ next: SourceReading?) { reading.withLock { $0 = next } }

        func read() async -> SourceReading? {
            reads.withLock { $0 += 1 }
            return reading.withLock(\.self)
        }
    }

    static let identity = NodeIdentity(nodeID: "here", instance: "0000000a")

    static func store(peers: Int) -> PeerStore {
        PeerStore(identity: identity, plan: .peers(peers), on: Host())
    }

    static func node<Time: Timekeeper>(
        _ origin: NumbersOrigin,
        pages: ReadyPages = ReadyPages(),
        time: Time,
        store: PeerStore = store(peers: 0),
        poll: Duration = .seconds(15)
    ) throws -> LocalNode<Time> {
        try self.node(origin, pages: pages, time: time, store: store, inForce: inForce(poll: poll))
    }

    private static func loaded(poll: Duration) throws -> LoadedSettings {
        var loaded = try load(["FEDERATION_ENABLED": "1"])
        loaded.settings.pollInterval = poll
        return loaded
    }

    static func inForce(poll: Duration) throws -> SettingsInForce {
        SettingsInForce(try loaded(poll: poll), wall: 0, threshold: LogThreshold(.info))
    }

    static func node<Time: Timekeeper>(
        _ origin: NumbersOrigin,
        pages: ReadyPages = ReadyPages(),
        time: Time,
        store: PeerStore = store(peers: 0),
        inForce: SettingsInForce,
        events: EventLog = EventLog(after: 0, .memoryOnly, time: SystemTime())
    ) throws -> LocalNode<Time> {
        LocalNode(
            identity: identity,
            inForce: inForce,
            origin: origin,
            store: store,
            time: time,
            pages: pages,
            supervisor: Supervisor(environment: [:]),
            events: events,
            saved: nil,
            log: Logger(label: "local", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    @Test
    func `a node with its numbers disabled is ready, has no numbers and no governor`()
        async throws
    {
        let pages = ReadyPages()
        let node = try Self.node(.disabled, pages: pages, time: Clock())
        await node.start()
        #expect(pages.readiness == .ready)
        let state = node.latest
        #expect(state.wisdom == nil && state.metrics == nil && state.problem == nil)
    }

    @Test func `a tick takes its time from the clock`() async throws {
        let clock = Clock()
        let node = try Self.node(.governor, time: clock)
        await node.start()
        #expect(node.latest.ts == 1_800_000_000)
        // Consistency covers five minutes of this clock, however long the test takes.
        var consistencies: [Double] = []
        for span in [15.0, 15, 400] {
            clock.advance(span)
            await node.wake()
            consistencies.append(try #require(node.latest.metrics).components.consistency)
        }
        #expect(node.latest.ts == 1_800_000_430)
        #expect(consistencies[1] < 1 && consistencies[2] == 1, "\(consistencies)")
    }

    @Test func `numbers are old after four minutes of the clock`() async throws {
        let clock = Clock()
        let source = FakeSource()
        source.set(.success(SourceNumbers(metrics: .resting, ts: clock.wallNow)))
        let node = try Self.node(.source(source, every: .seconds(1)), time: clock)
        await node.start()
        for (span, isOld) in [(0.0, false), (240, false), (15, true)] {
            clock.advance(span)
            await node.wake()
            #expect(node.latest.isOld == isOld)
        }
    }

    /// Runs a node whose source is read every 20 ms and which ticks every `poll`.
    private func run(
        _ source: FakeSource,
        poll: Duration = .seconds(3600),
        _ body: (TickCounter) async throws -> Void
    ) async throws {
        let counter = TickCounter()
        let node = try Self.node(
            .source(source, every: .milliseconds(20)),
            time: counter,
            poll: poll
        )
        let running = Task { await node.run {} }
        try await body(counter)
        running.cancel()
        await running.value
    }

    /// Waits until the source was read `reads` more times.
    private func wait(reads: Int, of source: FakeSource) async {
        let count = source.readCount
        await eventually("the source is read") { source.readCount >= count + reads }
    }

    @Test func `a source causes a tick when its reading changes, and only then`() async throws {
        let source = FakeSource()
        let numbers = SourceNumbers(metrics: .resting, ts: 0)
        source.set(.success(numbers))
        try await run(source) { counter in
            await wait(reads: 2, of: source)
            #expect(counter.ticks == 1)
            await wait(reads: 5, of: source)
            #expect(counter.ticks == 1)
            source.set(.failure(.unreadable("cannot be read")))
            await wait(reads: 10, of: source)
            #expect(counter.ticks == 2)
            source.set(.success(numbers))
            await wait(reads: 10, of: source)
            #expect(counter.ticks == 3)
        }
    }

    /// The numbers of a node without peers after ticks that wake late by `delays`, in seconds.
    private func metrics(ofTicksLateBy delays: [Double]) async throws -> [SummaryNumbers] {
        let clock = Clock()
        let node = try Self.node(.governor, time: clock)
        await node.start()
        var metrics: [SummaryNumbers] = []
        var late = 0.0
        for delay in delays {
            // Early, as after another wake-up: nothing is due.
            clock.advance(15 - late - 0.001)
            await node.wake()
            clock.advance(0.001 + delay)
            await node.wake()
            metrics.append(try #require(node.latest.metrics))
            late = delay
        }
        return metrics
    }

    /// G* and Cc of Nova's poller, alone and with its defaults; the last four etas are one minute.
    private func nova(ticks: Int) -> [(gStar: Double, consistency: Double)] {
        var (eta, minute) = (0.10, [Double]())
        return (0..<ticks)
            .map { _ in
                minute = (minute + [eta]).suffix(4)
                let mean = minute.reduce(0, +) / Double(minute.count)
                let variance =
                    minute.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(minute.count)
                let consistency = 1 - min(1, variance.squareRoot() / mean)
                let gStar = 0.3 * consistency
                eta = 0.08 + 0.02 * (gStar - 0.30)
                return (gStar, consistency)
            }
    }

    @Test func `ticks that wake late have the same numbers as ticks on time`()
        async throws
    {
        var generator = SeededGenerator(seed: 5)
        let onTime = try await metrics(ofTicksLateBy: Array(repeating: 0, count: 30))
        for (found, nova) in zip(onTime, nova(ticks: 31).dropFirst()) {
            #expect(abs(found.gStar - nova.gStar) < 1e-9)
            #expect(abs(found.components.consistency - nova.consistency) < 1e-9)
        }
        for _ in 0..<5 {
            let delays = onTime.map { _ in Double.random(in: 0...0.2, using: &generator) }
            #expect(try await metrics(ofTicksLateBy: delays) == onTime, "\(delays)")
        }
    }

    @Test func `the context becomes solo at the tick when its hysteresis ends, woken late or not`()
        async throws
    {
        for delays in [[0.0], [0.02, 0.001], [0.001, 0.02]] {
            let clock = Clock()
            let store = Self.store(peers: 2)
            var turn = PeerStore.Iteration()
            turn.observations = (0..<2).map { .good($0, at: clock.now) }
            _ = await store.record(turn)
            let node = try Self.node(.governor, time: clock, store: store)
            await node.start()
            #expect(node.latest.context == .federated)
            // The peers are live up to the tick at 90 s; the hysteresis ends by the 14th tick.
            var contexts: [Context.State] = []
            var late = 0.0
            for tick in 1...14 {
                let delay = delays[tick % delays.count]
                clock.advance(15 - late + delay)
                late = delay
                await node.wake()
                contexts.append(node.latest.context)
            }
            #expect(contexts.prefix(12).allSatisfy { $0 == .federated }, "\(delays)")
            // At 90.001 s the peers are too old, so the last tick with both is at 75 s.
            #expect(contexts[12] == (delays[6 % delays.count] == 0 ? .federated : .solo))
            #expect(contexts[13] == .solo)
        }
    }

    @Test func `the moments of a beat are multiples of its interval from the start`() {
        let start = Instant(seconds: 10)
        var beat = Beat(every: .seconds(2), after: start)
        func isTaken(_ seconds: Double) -> Bool { beat.take(at: Instant(seconds: seconds)) != nil }
        #expect([10, 11.999].map(isTaken) == [false, false])
        for (now, next) in [(12.0, 14.0), (14.7, 16), (17.9, 18), (18, 20), (27, 28), (28, 30)] {
            #expect([now, now].map(isTaken) == [true, false])
            #expect(beat.next == Instant(seconds: next))
        }
    }

    @Test
    func `a source that is read at each tick follows a changed poll interval`()
        async throws
    {
        let source = FakeSource()
        let inForce = try Self.inForce(poll: .seconds(60))
        let node = try Self.node(
            .source(source, every: nil),
            time: SystemTime(),
            inForce: inForce
        )
        let running = Task { await node.run {} }
        await eventually("it is read at the first tick") { source.readCount == 1 }
        inForce.replace(with: try Self.loaded(poll: .milliseconds(20)), wall: 0)
        await node.settingsChanged()
        await eventually("it is read more often") { source.readCount >= 5 }
        inForce.replace(with: try Self.loaded(poll: .seconds(60)), wall: 0)
        await node.settingsChanged()
        // One read may have been under way.
        try await Task.sleep(for: .milliseconds(100))
        let reads = source.readCount
        try await Task.sleep(for: .milliseconds(300))
        #expect(source.readCount == reads)
        running.cancel()
        await running.value
    }
}
