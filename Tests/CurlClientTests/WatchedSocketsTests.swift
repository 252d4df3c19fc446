import Testing

@testable import CurlClient

@Suite struct WatchedSocketsTests {
    private func expect(_ sockets: inout WatchedSockets, _ interest: Interest, tells: Bool) {
        let isTold = sockets.want(interest, of: 5)
        #expect(isTold == tells)
    }

    @Test func `the event queue is told of what is new, and not of a rest`() {
        var sockets = WatchedSockets()
        #expect(sockets.isResting(5))
        expect(&sockets, .writing, tells: true)
        expect(&sockets, .reading, tells: true)
        expect(&sockets, .reading, tells: false)
        expect(&sockets, [], tells: false)
        #expect(sockets.isResting(5))
        expect(&sockets, .reading, tells: false)
        #expect(!sockets.isResting(5))
        expect(&sockets, [.reading, .writing], tells: true)
    }

    @Test func `a new socket with an old number is watched anew`() {
        var sockets = WatchedSockets()
        expect(&sockets, .reading, tells: true)
        sockets.forget(5)
        #expect(sockets.isResting(5))
        expect(&sockets, .reading, tells: true)
        // A number that was never seen.
        sockets.forget(1000)
        #expect(sockets.isResting(1000))
    }
}
