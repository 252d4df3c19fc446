import Testing
import Timing

@testable import CurlClient

/// The addresses of names, and the order of lookups.
@Suite struct NameTableTests {
    /// All lookups that may start now.
    private func start(_ names: inout NameTable) -> [String] {
        var started: [String] = []
        while let name = names.takeNextLookup() { started.append(name) }
        return started
    }

    @Test func `a name has one lookup, and all fetches that wait for it get the answer`() {
        var names = NameTable()
        for serial in [3, 1, 2] { #expect(names.resolve("a", for: serial, at: .second(0)) == nil) }
        #expect(start(&names) == ["a"])
        names.stopWaiting(2, for: "a")
        #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: .second(5)) == [1, 3])
        #expect(names.resolve("a", for: 4, at: .second(6))?.addresses == ["127.0.0.1"])
        #expect(start(&names) == [])
        #expect(names.endLookup(of: "a", addresses: nil, at: .second(7)) == [])
    }

    @Test func `an answer is refreshed after 30 seconds, and stays in use until then`() {
        var names = NameTable()
        _ = names.resolve("a", for: 1, at: .second(0))
        _ = start(&names)
        _ = names.endLookup(of: "a", addresses: ["127.0.0.1"], at: .second(0))
        #expect(names.resolve("a", for: 2, at: .second(29.9))?.at == .second(0))
        #expect(start(&names) == [])
        #expect(names.resolve("a", for: 3, at: .second(30))?.at == .second(0))
        #expect(start(&names) == ["a"])
        // The old answer is used during a lookup and after a failed one.
        #expect(names.resolve("a", for: 4, at: .second(31))?.at == .second(0))
        #expect(start(&names) == [])
        #expect(names.endLookup(of: "a", addresses: nil, at: .second(32)) == [])
        #expect(names.resolve("a", for: 5, at: .second(33))?.at == .second(0))
        #expect(start(&names) == ["a"])
        let now = Instant.second(34)
        _ = names.endLookup(of: "a", addresses: ["127.0.0.2"], at: now)
        #expect(names.resolve("a", for: 6, at: now)?.addresses == ["127.0.0.2"])
    }

    @Test func `a failed lookup ends the wait, and the next fetch starts another lookup`() {
        var names = NameTable()
        _ = names.resolve("a", for: 1, at: .second(0))
        #expect(start(&names) == ["a"])
        #expect(names.endLookup(of: "a", addresses: nil, at: .second(1)) == [1])
        #expect(names.resolve("a", for: 2, at: .second(2)) == nil)
        #expect(start(&names) == ["a"])
    }

    @Test func `names that never resolve do not block lookups of names that did`() {
        var names = NameTable()
        _ = names.resolve("good", for: 1, at: .second(0))
        _ = start(&names)
        _ = names.endLookup(of: "good", addresses: ["127.0.0.1"], at: .second(0))
        for number in 0..<100 {
            _ = names.resolve("bad-\(number)", for: number + 2, at: .second(0))
        }
        #expect(start(&names) == (0..<NameTable.lookupsPerLane).map { "bad-\($0)" })
        #expect(names.resolve("good", for: 200, at: .second(60)) != nil)
        #expect(start(&names) == ["good"])
        // A failed lookup makes room in its own lane.
        _ = names.endLookup(of: "bad-0", addresses: nil, at: .second(1))
        #expect(start(&names) == ["bad-\(NameTable.lookupsPerLane)"])
    }

    @Test func `fetches that stop waiting for a name leave no state`() {
        var names = NameTable()
        for serial in 1...1000 {
            #expect(names.resolve("silent", for: serial, at: .second(0)) == nil)
            names.stopWaiting(serial, for: "silent")
        }
        #expect(start(&names) == ["silent"])
        #expect(names.endLookup(of: "silent", addresses: nil, at: .second(1)) == [])
        names.stopWaiting(1, for: "silent")
        names.stopWaiting(1, for: nil)
    }

    @Test func `a forgotten name leaves no state, even during its lookup`() {
        var names = NameTable()
        for _ in 1...2 {
            _ = names.resolve("a", for: 1, at: .second(0))
            names.stopWaiting(1, for: "a")
            #expect(start(&names) == ["a"])
            names.forget("a")
            #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: .second(1)) == [])
            #expect(names.resolve("a", for: 2, at: .second(2)) == nil)
            #expect(start(&names) == ["a"])
            _ = names.endLookup(of: "a", addresses: ["127.0.0.2"], at: .second(3))
            #expect(names.resolve("a", for: 3, at: .second(4))?.addresses == ["127.0.0.2"])
            names.forget("a")
        }
    }

    @Test func `a forgotten name is kept if it is needed again before its lookup ends`() {
        var names = NameTable()
        _ = names.resolve("a", for: 1, at: .second(0))
        #expect(start(&names) == ["a"])
        names.stopWaiting(1, for: "a")
        names.forget("a")
        #expect(names.resolve("a", for: 2, at: .second(1)) == nil)
        #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: .second(2)) == [2])
        #expect(names.resolve("a", for: 3, at: .second(3)) != nil)
    }

    @Test func `names that are forgotten before their lookup starts are not looked up`() {
        var names = NameTable()
        for number in 0..<1000 { _ = names.resolve("old\(number)", for: number, at: .second(0)) }
        #expect(start(&names).count == NameTable.lookupsPerLane)
        for number in 0..<1000 {
            names.stopWaiting(number, for: "old\(number)")
            names.forget("old\(number)")
        }
        _ = names.resolve("new", for: 1000, at: .second(1))
        _ = names.endLookup(of: "old0", addresses: nil, at: .second(2))
        #expect(start(&names) == ["new"])
        _ = names.resolve("old500", for: 1001, at: .second(3))
        _ = names.endLookup(of: "old1", addresses: nil, at: .second(4))
        #expect(start(&names) == ["old500"])
    }

    @Test func `a preferred address stays first while the name has it`() {
        var names = NameTable()
        _ = names.resolve("a", for: 1, at: .second(0))
        _ = start(&names)
        _ = names.endLookup(of: "a", addresses: ["10.0.0.1", "10.0.0.2"], at: .second(0))
        names.prefer("10.0.0.2", for: "a")
        #expect(names.resolve("a", for: 2, at: .second(1))?.addresses == ["10.0.0.2", "10.0.0.1"])
        let later = Instant.second(40)
        for (answer, expected) in [
            (["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"]),
            (["10.0.0.1", "10.0.0.3"], ["10.0.0.1", "10.0.0.3"]),
        ] {
            _ = names.endLookup(of: "a", addresses: answer, at: later)
            #expect(names.resolve("a", for: 3, at: later)?.addresses == expected)
        }
        // An address that the name does not have is not added.
        names.prefer("10.0.0.9", for: "a")
        #expect(names.resolve("a", for: 4, at: later)?.addresses == ["10.0.0.1", "10.0.0.3"])
    }
}
