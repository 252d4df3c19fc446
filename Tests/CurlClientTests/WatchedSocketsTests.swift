import Testing
import Timing

@testable import CurlClient

@Suite struct WatchedSocketsTests {
    private let sockets = WatchedSockets()
    private let idle = IdleConnection(key: 7, localPort: 9, isSecure: false, since: .second(1))

    @Test func `the event queue changes for new events, but not when a connection becomes idle`() {
        #expect(sockets[5].wanted.isEmpty)
        #expect(sockets.setWanted(.writing, on: 5))
        #expect(sockets.setWanted(.reading, on: 5))
        #expect(!sockets.setWanted(.reading, on: 5))
        #expect(!sockets.setWanted([], on: 5))
        #expect(sockets[5].wanted.isEmpty)
        #expect(!sockets.setWanted(.reading, on: 5))
        #expect(!sockets[5].wanted.isEmpty)
        #expect(sockets.setWanted([.reading, .writing], on: 5))
    }

    @Test func `a new socket with a reused number is watched again`() {
        #expect(sockets.setWanted(.reading, on: 5))
        sockets.reset(5)
        #expect(sockets[5].wanted.isEmpty)
        #expect(sockets[5].watched.isEmpty)
        #expect(sockets.setWanted(.reading, on: 5))
        // An unknown number.
        sockets.reset(1000)
        #expect(sockets[1000].wanted.isEmpty)
    }

    @Test func `a connection is idle until it is used, closed or unwatched`() {
        let ends: [(WatchedSockets) -> Void] = [
            { _ = $0.setWanted(.reading, on: 5) }, { $0.reset(5) }, { $0.unwatch(5) },
        ]
        for end in ends {
            _ = sockets.setWanted(.reading, on: 5)
            _ = sockets.setWanted([], on: 5)
            #expect(sockets[5].idle == nil)
            sockets[5].idle = idle
            #expect(sockets[5].idle?.key == 7)
            end(sockets)
            #expect(sockets[5].idle == nil)
        }
        #expect(sockets[-1].idle == nil)
    }
}
