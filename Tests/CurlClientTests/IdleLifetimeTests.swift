import Testing

@testable import CurlClient

/// Times are in seconds here, in nanoseconds there.
@Suite struct IdleLifetimeTests {
    private var life = IdleLifetime()

    private mutating func ended(after idle: Double, at now: Double = 0) {
        life.ended(after: Int64(idle * 1e9), at: Int64(now * 1e9))
    }

    private func limit(at now: Double = 0) -> Double {
        let limit = life.limit(at: Int64(now * 1e9))
        return limit == .max ? .infinity : Double(limit) / 1e9
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

    @Test mutating func `a server that restarts now and then shows none`() {
        for idle in [3, 17, 9, 28, 1] {
            ended(after: Double(idle))
            #expect(limit() == .infinity)
        }
    }

    @Test mutating func `a connection that lasts refutes what was shown`() {
        ended(after: 5)
        ended(after: 5)
        life.lasted(3_000_000_000)
        #expect(limit() == 4)
        life.lasted(4_500_000_000)
        #expect(limit() == .infinity)
    }

    @Test mutating func `what was shown is tried again after an hour, and then once is enough`() {
        ended(after: 5)
        ended(after: 5)
        #expect(limit(at: 3_599) == 4)
        #expect(limit(at: 3_600) == .infinity)
        ended(after: 5, at: 3_630)
        #expect(limit(at: 3_631) == 4)
    }
}
