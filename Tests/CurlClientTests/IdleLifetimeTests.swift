import Testing
import Timing

@testable import CurlClient

/// What a sequence of ended connections shows about their lifetime, in seconds.
@Suite struct IdleLifetimeTests {
    private var lifetime = IdleLifetime()

    private mutating func ended(after idle: Double, at now: Double = 0) {
        lifetime.ended(after: .seconds(idle), at: .second(now))
    }

    private func limit(at now: Double = 0) -> Double {
        let limit = lifetime.limit(at: .second(now))
        return limit?.inSeconds ?? .infinity
    }

    @Test mutating func `two connections that end after the same time show a limit`() {
        ended(after: 5)
        #expect(limit() == .infinity)
        ended(after: 5.4)
        #expect(limit() == 4)
        ended(after: 0.4)
        #expect(limit() == .infinity)
        ended(after: 0.4)
        #expect(limit() == 0.3)
    }

    @Test mutating func `occasional restarts of a server show no limit`() {
        for idle in [3, 17, 9, 28, 1] {
            ended(after: Double(idle))
            #expect(limit() == .infinity)
        }
    }

    @Test mutating func `a connection that lives longer refutes a limit`() {
        ended(after: 5)
        ended(after: 5)
        lifetime.lasted(.seconds(3))
        #expect(limit() == 4)
        lifetime.lasted(.milliseconds(4_500))
        #expect(limit() == .infinity)
    }

    @Test mutating func `a limit is tested again after an hour, and then one end confirms it`() {
        ended(after: 5)
        ended(after: 5)
        #expect(limit(at: 3_599) == 4)
        #expect(limit(at: 3_600) == .infinity)
        ended(after: 5, at: 3_630)
        #expect(limit(at: 3_631) == 4)
    }
}
