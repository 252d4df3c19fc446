import Federation
import Logging
import PeerSync
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// When a node fixes its own numbers, and what they are then.
@Suite struct LocalNodeTests {
    /// A clock that a test moves.
    private final class Clock: Timekeeper {
        private let seconds = Mutex(0.0)

        var now: Instant { Instant(seconds: 100 + seconds.withLock(\.self)) }
        var wallNow: Double { 1_800_000_000 + seconds.withLock(\.self) }

        func advance(_ span: Double) { seconds.withLock { $0 += span } }
    }

    /// The system's clocks, of which that of the wall is read once in each tick.
    private final class TickCounter: Timekeeper {
        private let count = Mutex(0)

        var ticks: Int { count.withLock(\.self) }
        var now: Instant { SystemTime().now }
        var wallNow: Double {
            count.withLock { $0 += 1 }
            return SystemTime().wallNow
        }
    }

    /// A source that says what a test lets it say.
    private final class Voice: SummarySource {
        private let reading = Mutex<SourceReading?>(nil)
        private let looks = Mutex(0)

        var lookCount: Int { looks.withLock(\.self) }

        func say(_ next: SourceReading?) { reading.withLock { $0 = next } }

        func read() async -> SourceReading? {
            looks.withLock { $0 += 1 }
            return reading.withLock(\.self)
        }
    }

    private static func node<Time: Timekeeper>(
        _ origin: NumbersOrigin,
        pages: ReadyPages = ReadyPages(),
        time: Time,
        poll: Duration = .seconds(15)
    ) throws -> LocalNode<Time> {
        var settings = try SettingsTests.load(["FEDERATION_ENABLED": "1"]).settings
        settings.pollInterval = poll
        let identity = NodeIdentity(nodeID: "here", instance: "0000000a")
        return LocalNode(
            identity: identity,
            settings: settings,
            origin: origin,
            store: PeerStore(ledger: Ledger(identity: identity, window: settings.window)),
            time: time,
            pages: pages,
            supervisor: Supervisor(environment: [:]),
            log: Logger(label: "local", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    @Test
    func `a node of which nobody gives the numbers is ready, says nothing and has no governor`()
        async throws
    {
        let pages = ReadyPages()
        let node = try Self.node(.nobody, pages: pages, time: Clock())
        await node.tick()
        #expect(pages.readiness == .ready)
        let state = await node.current()
        #expect(state.wisdom == nil && state.metrics == nil && state.problem == nil)
    }

    @Test func `a tick is at the moment that the clock tells`() async throws {
        let clock = Clock()
        let node = try Self.node(.governor, time: clock)
        await node.tick()
        #expect(await node.current().ts == 1_800_000_000)
        // Five minutes of that clock are what consistency looks back on, whatever the test takes.
        var consistencies: [Double] = []
        for span in [15.0, 15, 400] {
            clock.advance(span)
            await node.tick()
            consistencies.append(try #require(await node.current().metrics).components.consistency)
        }
        #expect(await node.current().ts == 1_800_000_430)
        #expect(consistencies[1] < 1 && consistencies[2] == 1, "\(consistencies)")
    }

    @Test func `numbers are old after four minutes of the clock`() async throws {
        let clock = Clock()
        let voice = Voice()
        voice.say(.success(SourceNumbers(metrics: .resting, ts: clock.wallNow)))
        let node = try Self.node(.source(voice, every: .seconds(1)), time: clock)
        for (span, isOld) in [(0.0, false), (240, false), (0.5, true)] {
            clock.advance(span)
            await node.tick()
            #expect(await node.current().isOld == isOld)
        }
    }

    /// Runs a node whose source is asked every 20 ms and which ticks every `poll`.
    private func run(
        _ voice: Voice,
        poll: Duration = .seconds(3600),
        _ body: (TickCounter) async throws -> Void
    ) async throws {
        let counter = TickCounter()
        let node = try Self.node(
            .source(voice, every: .milliseconds(20)),
            time: counter,
            poll: poll
        )
        let running = Task { await node.run {} }
        try await body(counter)
        running.cancel()
        await running.value
    }

    /// Waits for so many more looks.
    private func wait(looks: Int, of voice: Voice) async {
        let count = voice.lookCount
        await eventually("the source is asked") { voice.lookCount >= count + looks }
    }

    @Test func `what a source says anew is a tick, and what it says again is none`() async throws {
        let voice = Voice()
        let numbers = SourceNumbers(metrics: .resting, ts: 0)
        voice.say(.success(numbers))
        try await run(voice) { counter in
            await wait(looks: 2, of: voice)
            #expect(counter.ticks == 1)
            await wait(looks: 5, of: voice)
            #expect(counter.ticks == 1)
            voice.say(.failure(.unreadable("cannot be read")))
            await wait(looks: 10, of: voice)
            #expect(counter.ticks == 2)
            voice.say(.success(numbers))
            await wait(looks: 10, of: voice)
            #expect(counter.ticks == 3)
        }
    }

    @Test func `moments are counted from the start and not from one another`() {
        let start = Instant(seconds: 10)
        var beat = Beat(every: .seconds(2), after: start)
        func isTaken(_ seconds: Double) -> Bool { beat.take(at: Instant(seconds: seconds)) }
        #expect([10, 11.999].map(isTaken) == [false, false])
        for (now, next) in [(12.0, 14.0), (14.7, 16), (17.9, 18), (18, 20), (27, 28), (28, 30)] {
            #expect([now, now].map(isTaken) == [true, false])
            #expect(beat.next == Instant(seconds: next))
        }
    }

    @Test
    func `a source that is asked at each tick follows another beat, faster and slower`()
        async throws
    {
        let voice = Voice()
        let node = try Self.node(
            .source(voice, every: nil),
            time: SystemTime(),
            poll: .seconds(60)
        )
        let running = Task { await node.run {} }
        await eventually("it is asked at the first tick") { voice.lookCount == 1 }
        var settings = try SettingsTests.load(["FEDERATION_ENABLED": "1"]).settings
        settings.pollInterval = .milliseconds(20)
        await node.adopt(settings)
        await eventually("it is asked at the faster beat") { voice.lookCount >= 5 }
        settings.pollInterval = .seconds(60)
        await node.adopt(settings)
        // One look may have been under way.
        try await Task.sleep(for: .milliseconds(100))
        let looks = voice.lookCount
        try await Task.sleep(for: .milliseconds(300))
        #expect(voice.lookCount == looks)
        running.cancel()
        await running.value
    }
}
