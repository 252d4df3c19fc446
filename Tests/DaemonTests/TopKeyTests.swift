import Testing

@testable import Daemon

/// The keys of `top`.
struct TopKeyTests {
    static let sequences: [(bytes: String, keys: [TopKey])] = [
        ("q", [.scalar("q")]), ("ß節", [.scalar("ß"), .scalar("節")]),
        ("\u{1B}[A\u{1B}[B", [.up, .down]), ("\u{1B}OA\u{1B}OB", [.up, .down]),
        ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~", [.home, .end, .home, .end]),
        ("\u{1B}[7~\u{1B}[8~", [.home, .end]),
        ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]), ("\u{1B}[1;5A", [.up]),
        ("\r\n", [.enter, .enter]), ("\u{7F}\u{8}", [.backspace, .backspace]),
        ("\u{3}\u{1C}\u{1A}\u{C}", [.interrupt, .interrupt, .suspend, .redraw]),
        ("\u{1B}\u{1B}[A", [.escape, .up]), ("\u{1B}q", [.escape, .scalar("q")]),
        ("\u{1B}[3~\u{1B}[200~x", [.scalar("x")]), ("\u{1B}[\u{3}", [.interrupt]),
        ("\u{0}\t\u{202E}\u{200B}", []),
    ]

    @Test(arguments: sequences.indices)
    func `bytes become keys, in one read or in many`(index: Int) {
        let (bytes, keys) = Self.sequences[index]
        var reader = KeyReader()
        #expect(reader.read(Array(bytes.utf8)) == keys)
        #expect(!reader.isPending)
        #expect(bytes.utf8.flatMap { reader.read([$0]) } == keys)
        #expect(!reader.isPending)
    }

    @Test func `an escape alone is a key after a pause, and an incomplete sequence is none`() {
        var reader = KeyReader()
        #expect(reader.read([0x1B]) == [])
        #expect(reader.isPending)
        #expect(reader.endSequence() == [.escape])
        #expect(reader.endSequence() == [])
        #expect(reader.read([0x1B, 0x5B]) == [])
        #expect(reader.endSequence() == [])
        // A character of several bytes is not an escape sequence.
        #expect(reader.read([0xE7]) == [])
        #expect(reader.endSequence() == [])
        #expect(reader.read([0xAF, 0x80]) == [.scalar("節")])
    }

    @Test func `bytes that are not UTF-8, and sequences without end, are dropped`() {
        var reader = KeyReader()
        #expect(reader.read([0xFF, 0xC0, 0x80, 0xE7, 0x71]) == [.scalar("q")])
        let endless = [0x1B, 0x5B] + [UInt8](repeating: 0x30, count: 1_000)
        #expect(reader.read(endless) == [])
        #expect(!reader.isPending)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = reader.read(bytes)
        }
        _ = reader.endSequence()
        _ = reader.read([0x71, 0x71])
        #expect(reader.read([0x71]) == [.scalar("q")])
    }

    /// Presses keys in a list of peers with these names, of which `page` are on the screen.
    private static func press(
        _ keys: [TopKey],
        names: [String],
        page: Int = 3,
        _ state: TopState = TopState()
    ) -> TopState {
        var state = state
        for key in keys {
            let list = TopSpecimen.list(names, state)
            _ = state.apply(key, to: list, page: page, lines: 10)
            state.follow(TopSpecimen.list(names, state), page: page)
        }
        return state
    }

    private static let names = ["a", "b", "c", "d", "e", "f", "g"]

    static let moves: [(keys: [TopKey], index: Int, first: Int)] = [
        ([], 0, 0), ([.down], 1, 0), ([.scalar("j"), .scalar("j")], 2, 0), ([.down, .up], 0, 0),
        ([.up], 0, 0), ([.pageDown], 3, 1), ([.end], 6, 4), ([.end, .down], 6, 4),
        ([.end, .pageUp], 3, 3), ([.end, .scalar("k")], 5, 4), ([.end, .home], 0, 0),
    ]

    @Test(arguments: moves.indices)
    func `keys move the selection, which stays on the screen`(index: Int) {
        let (keys, selected, first) = Self.moves[index]
        let state = Self.press(keys, names: Self.names)
        #expect(state.index == selected && state.first == first)
    }

    @Test func `the selection stays with its peer when the list changes`() {
        var state = Self.press([.down, .down], names: Self.names)
        state.follow(TopSpecimen.list(["0", "1"] + Self.names, state), page: 3)
        #expect(state.index == 4)
        // The peer is gone: the row stays.
        state.follow(TopSpecimen.list(["a", "b", "d", "e", "f"], state), page: 3)
        #expect(state.index == 4)
        state.follow(TopSpecimen.list([], state), page: 3)
        #expect(state.index == 0 && state.first == 0)
    }

    @Test func `s changes the order and comes back to the first`() {
        let orders = (0...4)
            .map { count in
                Self.press(Array(repeating: .scalar("s"), count: count), names: Self.names).sort
            }
        #expect(orders == [.worst, .name, .quality, .p95, .worst])
    }

    @Test func `the filter is edited in place`() {
        let typed = Self.press([.scalar("/"), .scalar("N"), .scalar("節"), .scalar("q")], names: [])
        #expect(typed.filter == "N節q" && typed.isEditing)
        let kept = Self.press([.backspace, .enter], names: [], typed)
        #expect(kept.filter == "N節" && !kept.isEditing)
        let again = Self.press([.scalar("/"), .backspace, .backspace, .backspace], names: [], kept)
        #expect(again.filter == "" && !again.isEditing)
        #expect(Self.press([.scalar("/"), .escape], names: [], kept).filter == "")
        #expect(Self.press([.escape], names: [], kept).filter == "")
        let long = Self.press([.scalar("/")] + Array(repeating: .scalar("x"), count: 99), names: [])
        #expect(long.filter.count == TopState.longestFilter)
    }

    @Test(arguments: [TopKey.enter, .escape, .scalar("q")])
    func `enter shows a peer, and enter, escape or q goes back`(key: TopKey) {
        let shown = Self.press([.down, .enter], names: Self.names)
        #expect(shown.detail?.name == "b")
        #expect(Self.press([.end], names: Self.names, shown).detail?.scrolled == 7)
        #expect(Self.press([.end, .up, .up], names: Self.names, shown).detail?.scrolled == 5)
        #expect(Self.press([key], names: Self.names, shown).detail == nil)
        #expect(Self.press([.enter], names: []).detail == nil)
    }

    @Test func `q quits in the list only, and control characters act everywhere`() {
        let list = TopSpecimen.list(Self.names, TopState())
        let detail = Self.press([.enter], names: Self.names)
        let editing = Self.press([.scalar("/")], names: Self.names)
        func action(_ key: TopKey, _ state: TopState) -> TopState.Action? {
            var state = state
            return state.apply(key, to: list, page: 3)
        }
        #expect(action(.scalar("q"), TopState()) == .quit)
        #expect(action(.scalar("q"), detail) == nil && action(.scalar("q"), editing) == nil)
        for state in [TopState(), detail, editing] {
            #expect(action(.interrupt, state) == .quit)
            #expect(action(.suspend, state) == .suspend)
            #expect(action(.redraw, state) == .redraw)
        }
    }
}
