import Testing

@testable import CurlClient

@Suite struct WatchedSocketsTests {
    private let sockets = WatchedSockets()
    private let idle = IdleConnection(key: 7, localPort: 9, isSecure: false, since: 1, life: .max)

    @Test func `the event queue is told of what is new, and not of a rest`() {
        #expect(sockets.isIdle(5))
        #expect(sockets.want(.writing, of: 5))
        #expect(sockets.want(.reading, of: 5))
        #expect(!sockets.want(.reading, of: 5))
        #expect(!sockets.want([], of: 5))
        #expect(sockets.isIdle(5))
        #expect(!sockets.want(.reading, of: 5))
        #expect(!sockets.isIdle(5))
        #expect(sockets.want([.reading, .writing], of: 5))
    }

    @Test func `a new socket with an old number is watched anew`() {
        #expect(sockets.want(.reading, of: 5))
        sockets.reset(5)
        #expect(sockets.isIdle(5))
        #expect(!sockets.isWatched(5))
        #expect(sockets.want(.reading, of: 5))
        // A number that was never seen.
        sockets.reset(1000)
        #expect(sockets.isIdle(1000))
    }

    @Test func `a connection rests until it is used, closed or given up`() {
        let ends: [(WatchedSockets) -> Void] = [
            { _ = $0.want(.reading, of: 5) }, { $0.reset(5) }, { $0.unwatch(5) },
        ]
        for end in ends {
            _ = sockets.want(.reading, of: 5)
            _ = sockets.want([], of: 5)
            #expect(sockets.idleConnection(on: 5) == nil)
            sockets.setIdle(idle, on: 5)
            #expect(sockets.idleConnection(on: 5)?.key == 7)
            end(sockets)
            #expect(sockets.idleConnection(on: 5) == nil)
        }
        #expect(sockets.idleConnection(on: -1) == nil)
    }
}
