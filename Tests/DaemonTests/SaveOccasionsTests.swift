import Synchronization
import Testing

@testable import Daemon

/// When events and state are saved.
@Suite(.timeLimit(.minutes(1))) struct SaveOccasionsTests {
    private let events = AsyncStream.makeStream(
        of: Void.self,
        bufferingPolicy: .bufferingNewest(1)
    )

    /// The first occasions until `isEnough`, with a pause of five milliseconds.
    private func occasions(
        until isEnough: @escaping @Sendable ([SaveOccasions.Occasion]) -> Bool
    ) async -> [SaveOccasions.Occasion] {
        let (occasions, occasion) = AsyncStream.makeStream(of: SaveOccasions.Occasion.self)
        let saving = Task { [stream = events.stream] in
            await SaveOccasions()
                .each(events: stream, pause: { .milliseconds(5) }) { occasion.yield($0) }
        }
        var seen: [SaveOccasions.Occasion] = []
        for await next in occasions {
            seen.append(next)
            if isEnough(seen) { break }
        }
        saving.cancel()
        await saving.value
        return seen
    }

    @Test func `without events, only the state is saved, again and again`() async {
        let seen = await occasions { $0.count == 5 }
        #expect(seen.prefix(5).allSatisfy { $0 == .state })
    }

    @Test func `events are still saved after the state was saved several times`() async {
        let seen = await occasions { [events] seen in
            // An event that coincides with the state is saved with it.
            if seen.count >= 5 { events.continuation.yield() }
            return seen.contains(.events)
        }
        #expect(seen.prefix(5).allSatisfy { $0 == .state })
    }

    @Test func `the state is saved first`() async {
        events.continuation.yield()
        #expect(await occasions { !$0.isEmpty }.first == .state)
    }
}
