import Testing
import Timing

@testable import CurlClient

/// The order of the addresses of a name, and the time for each.
@Suite struct AddressPlanTests {
    /// The attempts of a plan if each uses up its share of the timeout.
    private func attempts(
        _ addresses: [String],
        seconds: Double
    ) -> [(addresses: [String], end: Instant?)] {
        var plan = AddressPlan(addresses)
        var now = Instant.second(0)
        var all: [(addresses: [String], end: Instant?)] = []
        repeat {
            let next = plan.takeNext(from: now, until: .second(seconds))
            all.append((next, plan.attemptEnd))
            now = plan.attemptEnd ?? now
        } while plan.attemptEnd != nil
        return all
    }

    @Test func `each attempt tries one address of each family for an equal share of the timeout`() {
        let all = attempts(["[::1]", "127.0.0.1", "127.0.0.2", "[::2]", "127.0.0.3"], seconds: 3)
        #expect(
            all.map(\.addresses) == [
                ["[::1]", "127.0.0.1"], ["[::2]", "127.0.0.2"], ["127.0.0.3"],
            ]
        )
        #expect(all.map(\.end) == [.second(1), .second(2), nil])
    }

    @Test func `each attempt begins with the family of the first address`() {
        let all = attempts(["127.0.0.1", "[::1]", "[::2]", "127.0.0.2"], seconds: 2)
        #expect(all.map(\.addresses) == [["127.0.0.1", "[::1]"], ["127.0.0.2", "[::2]"]])
    }

    @Test func `at most one address of each family is one attempt with the whole timeout`() {
        #expect(attempts(["127.0.0.1"], seconds: 1).map(\.addresses) == [["127.0.0.1"]])
        #expect(attempts(["127.0.0.1"], seconds: 1).map(\.end) == [nil])
        #expect(attempts([], seconds: 1).map(\.addresses) == [[]])
        #expect(attempts(["[::1]", "127.0.0.1"], seconds: 1).map(\.end) == [nil])
    }

    @Test func `at most four addresses of each family are tried`() {
        let many = (1...20).map { "127.0.0.\($0)" } + (1...20).map { "[::\($0)]" }
        let all = attempts(many, seconds: 4)
        #expect(all.flatMap(\.addresses).count == 8)
        #expect(all.compactMap(\.end) == [1, 2, 3].map(Instant.second))
    }

    @Test func `addresses without a route are left out, unless there are no others`() {
        #expect(usable([("10.0.0.1", false), ("[::1]", true)]) == ["[::1]"])
        #expect(usable([("10.0.0.1", false), ("[fd00::1]", false)]) == ["10.0.0.1", "[fd00::1]"])
    }

    @Test(arguments: ["localhost", "db.localhost"])
    func `localhost is both loopback addresses, regardless of the hosts file`(name: String) throws {
        #expect(try lookUp(name).get() == ["[::1]", "127.0.0.1"])
    }
}
