import Testing

@testable import CurlClient

/// The order of the addresses of a name, and the time for each.
@Suite struct AddressPlanTests {
    private static let second: Int64 = 1_000_000_000

    /// The attempts of a plan, each of which takes all its time.
    private func attempts(
        _ addresses: [String],
        seconds: Int64
    ) -> [(addresses: [String], end: Int64?)] {
        var plan = AddressPlan(addresses)
        var now: Int64 = 0
        var all: [(addresses: [String], end: Int64?)] = []
        repeat {
            let next = plan.takeNext(from: now, until: seconds * Self.second)
            all.append((next, plan.attemptEnd))
            now = plan.attemptEnd ?? now
        } while plan.attemptEnd != nil
        return all
    }

    @Test func `every address is tried, one of each family at a time, for an equal share`() {
        let all = attempts(["[::1]", "127.0.0.1", "127.0.0.2", "[::2]", "127.0.0.3"], seconds: 3)
        #expect(
            all.map(\.addresses) == [
                ["[::1]", "127.0.0.1"], ["[::2]", "127.0.0.2"], ["127.0.0.3"],
            ]
        )
        #expect(all.map(\.end) == [Self.second, 2 * Self.second, nil])
    }

    @Test func `the family of the first address goes first in each attempt`() {
        let all = attempts(["127.0.0.1", "[::1]", "[::2]", "127.0.0.2"], seconds: 2)
        #expect(all.map(\.addresses) == [["127.0.0.1", "[::1]"], ["127.0.0.2", "[::2]"]])
    }

    @Test func `one address, or none, is one attempt with all the time`() {
        #expect(attempts(["127.0.0.1"], seconds: 1).map(\.addresses) == [["127.0.0.1"]])
        #expect(attempts(["127.0.0.1"], seconds: 1).map(\.end) == [nil])
        #expect(attempts([], seconds: 1).map(\.addresses) == [[]])
        #expect(attempts(["[::1]", "127.0.0.1"], seconds: 1).map(\.end) == [nil])
    }

    @Test func `of many addresses four of each family are tried`() {
        let many = (1...20).map { "127.0.0.\($0)" } + (1...20).map { "[::\($0)]" }
        let all = attempts(many, seconds: 4)
        #expect(all.flatMap(\.addresses).count == 8)
        #expect(all.compactMap(\.end) == [1, 2, 3].map { $0 * Self.second })
    }

    @Test func `an address without a route is left out, unless there is no other`() {
        #expect(usable([("10.0.0.1", false), ("[::1]", true)]) == ["[::1]"])
        #expect(usable([("10.0.0.1", false), ("[fd00::1]", false)]) == ["10.0.0.1", "[fd00::1]"])
    }

    @Test(arguments: ["localhost", "db.localhost"])
    func `localhost is both loopback addresses, whatever the hosts file says`(name: String) throws {
        #expect(try lookUp(name).get() == ["[::1]", "127.0.0.1"])
    }
}
