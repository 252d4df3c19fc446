import Testing

@testable import CurlClient

/// What is known about names, and which of them is looked up next.
@Suite struct NameTableTests {
    private static let second: Int64 = 1_000_000_000

    /// Everything that may start now.
    private func start(_ names: inout NameTable) -> [String] {
        var started: [String] = []
        while let name = names.takeNextLookup() { started.append(name) }
        return started
    }

    @Test func `a name is looked up once however many wait for it, and all of them are told`() {
        var names = NameTable()
        for serial in [3, 1, 2] { #expect(names.ask("a", for: serial, at: 0) == nil) }
        #expect(start(&names) == ["a"])
        names.stopWaiting(2, for: "a")
        #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: 5) == [1, 3])
        #expect(names.ask("a", for: 4, at: 6)?.addresses == ["127.0.0.1"])
        #expect(start(&names) == [])
        #expect(names.endLookup(of: "a", addresses: nil, at: 7) == [])
    }

    @Test func `an answer is refreshed after 30 seconds, and serves until a better one comes`() {
        var names = NameTable()
        _ = names.ask("a", for: 1, at: 0)
        _ = start(&names)
        _ = names.endLookup(of: "a", addresses: ["127.0.0.1"], at: 0)
        #expect(names.ask("a", for: 2, at: 30 * Self.second - 1)?.at == 0)
        #expect(start(&names) == [])
        #expect(names.ask("a", for: 3, at: 30 * Self.second)?.at == 0)
        #expect(start(&names) == ["a"])
        // While it runs and after it failed the old one serves.
        #expect(names.ask("a", for: 4, at: 31 * Self.second)?.at == 0)
        #expect(start(&names) == [])
        #expect(names.endLookup(of: "a", addresses: nil, at: 32 * Self.second) == [])
        #expect(names.ask("a", for: 5, at: 33 * Self.second)?.at == 0)
        #expect(start(&names) == ["a"])
        let now = 34 * Self.second
        _ = names.endLookup(of: "a", addresses: ["127.0.0.2"], at: now)
        #expect(names.ask("a", for: 6, at: now)?.addresses == ["127.0.0.2"])
    }

    @Test func `a failure is told to those who wait, and the next one asks again`() {
        var names = NameTable()
        _ = names.ask("a", for: 1, at: 0)
        #expect(start(&names) == ["a"])
        #expect(names.endLookup(of: "a", addresses: nil, at: 1) == [1])
        #expect(names.ask("a", for: 2, at: 2) == nil)
        #expect(start(&names) == ["a"])
    }

    @Test func `names that never answer take no place from names that did`() {
        var names = NameTable()
        _ = names.ask("good", for: 1, at: 0)
        _ = start(&names)
        _ = names.endLookup(of: "good", addresses: ["127.0.0.1"], at: 0)
        for number in 0..<100 { _ = names.ask("bad-\(number)", for: number + 2, at: 0) }
        #expect(start(&names) == (0..<NameTable.lookupsPerLane).map { "bad-\($0)" })
        #expect(names.ask("good", for: 200, at: 60 * Self.second) != nil)
        #expect(start(&names) == ["good"])
        // One that gives up makes room for the next of its own kind.
        _ = names.endLookup(of: "bad-0", addresses: nil, at: 1)
        #expect(start(&names) == ["bad-\(NameTable.lookupsPerLane)"])
    }

    @Test func `who gives up waiting for a name leaves nothing behind`() {
        var names = NameTable()
        for serial in 1...1000 {
            #expect(names.ask("silent", for: serial, at: 0) == nil)
            names.stopWaiting(serial, for: "silent")
        }
        #expect(start(&names) == ["silent"])
        #expect(names.endLookup(of: "silent", addresses: nil, at: 1) == [])
        names.stopWaiting(1, for: "silent")
        names.stopWaiting(1, for: nil)
    }

    @Test func `a name that is forgotten leaves nothing, even if it is being looked up`() {
        var names = NameTable()
        for _ in 1...2 {
            _ = names.ask("a", for: 1, at: 0)
            names.stopWaiting(1, for: "a")
            #expect(start(&names) == ["a"])
            names.forget("a")
            #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: 1) == [])
            #expect(names.ask("a", for: 2, at: 2) == nil)
            #expect(start(&names) == ["a"])
            _ = names.endLookup(of: "a", addresses: ["127.0.0.2"], at: 3)
            #expect(names.ask("a", for: 3, at: 4)?.addresses == ["127.0.0.2"])
            names.forget("a")
        }
    }

    @Test func `a name that is wanted again before its lookup ends is kept`() {
        var names = NameTable()
        _ = names.ask("a", for: 1, at: 0)
        #expect(start(&names) == ["a"])
        names.stopWaiting(1, for: "a")
        names.forget("a")
        #expect(names.ask("a", for: 2, at: 1) == nil)
        #expect(names.endLookup(of: "a", addresses: ["127.0.0.1"], at: 2) == [2])
        #expect(names.ask("a", for: 3, at: 3) != nil)
    }

    @Test func `names that are forgotten before their turn are not looked up at all`() {
        var names = NameTable()
        for number in 0..<1000 { _ = names.ask("old\(number)", for: number, at: 0) }
        #expect(start(&names).count == NameTable.lookupsPerLane)
        for number in 0..<1000 {
            names.stopWaiting(number, for: "old\(number)")
            names.forget("old\(number)")
        }
        _ = names.ask("new", for: 1000, at: 1)
        _ = names.endLookup(of: "old0", addresses: nil, at: 2)
        #expect(start(&names) == ["new"])
        _ = names.ask("old500", for: 1001, at: 3)
        _ = names.endLookup(of: "old1", addresses: nil, at: 4)
        #expect(start(&names) == ["old500"])
    }

    @Test func `an address that is preferred stays the first while the name has it`() {
        var names = NameTable()
        _ = names.ask("a", for: 1, at: 0)
        _ = start(&names)
        _ = names.endLookup(of: "a", addresses: ["10.0.0.1", "10.0.0.2"], at: 0)
        names.prefer("10.0.0.2", for: "a")
        #expect(names.ask("a", for: 2, at: 1)?.addresses == ["10.0.0.2", "10.0.0.1"])
        let later = 40 * Self.second
        for (answer, expected) in [
            (["10.0.0.1", "10.0.0.2"], ["10.0.0.2", "10.0.0.1"]),
            (["10.0.0.1", "10.0.0.3"], ["10.0.0.1", "10.0.0.3"]),
        ] {
            _ = names.endLookup(of: "a", addresses: answer, at: later)
            #expect(names.ask("a", for: 3, at: later)?.addresses == expected)
        }
        // One that it never had is not invented.
        names.prefer("10.0.0.9", for: "a")
        #expect(names.ask("a", for: 4, at: later)?.addresses == ["10.0.0.1", "10.0.0.3"])
    }
}
