/// What the user chose: order, filter, the selected row, and the peer that is shown in detail.
///
/// A value; `apply` is the only place where keys have effects on the view.
struct TopState: Hashable, Sendable {
    /// The orders, in the order of the key `s`.
    enum Sort: String, CaseIterable, Sendable {
        case worst
        case name
        case quality
        case p95
    }

    /// What the program does after a key, apart from drawing the screen.
    enum Action: Sendable {
        case quit
        case suspend
        /// Draws a screen that another program may have overwritten.
        case redraw
    }

    /// One peer in full.
    struct Detail: Hashable, Sendable {
        var name: String
        /// The number of lines above the first line that is shown.
        var scrolled = 0
    }

    /// In characters.
    static let longestFilter = 64

    private(set) var sort = Sort.worst
    private(set) var filter = ""
    private(set) var isEditing = false
    /// The index of the selected row.
    private(set) var index = 0
    /// The index of the first row on the screen.
    private(set) var first = 0
    /// The selection stays with this peer; nil = with the first row.
    private var selected: String?
    private(set) var detail: Detail?

    /// Applies a key.
    ///
    /// `page` is the number of rows of the list, or lines of the detail, on the screen, and `lines`
    /// the number of lines of the detail.
    mutating func apply(_ key: TopKey, to list: TopList, page: Int, lines: Int = 0) -> Action? {
        switch key {
        case .interrupt: return .quit
        case .suspend: return .suspend
        case .redraw: return .redraw
        default: break
        }
        if let detail { return scroll(detail, key, page: page, lines: lines) }
        if isEditing, edit(key) { return nil }
        switch key {
        case .scalar("q"): return .quit
        case .scalar("s"):
            let next = (Sort.allCases.firstIndex(of: sort) ?? 0) + 1
            sort = Sort.allCases[next % Sort.allCases.count]
        case .scalar("/"): isEditing = true
        case .escape: filter = ""
        case .enter:
            guard list.rows.indices.contains(index) else { break }
            detail = Detail(name: list.rows[index].peer.name)
        default:
            if let step = Self.step(key, page: page) { select(index + step, in: list) }
        }
        return nil
    }

    /// Follows the selected peer in a new list, and keeps its row on a screen with `page` rows.
    mutating func follow(_ list: TopList, page: Int) {
        let found = selected.flatMap { name in list.rows.firstIndex { $0.peer.name == name } }
        if let found { index = found } else { select(selected == nil ? 0 : index, in: list) }
        first = min(max(first, index - page + 1), index, max(0, list.rows.count - page))
        first = max(0, first)
    }

    private mutating func select(_ wanted: Int, in list: TopList) {
        index = max(0, min(wanted, list.rows.count - 1))
        selected = index == 0 ? nil : list.rows[index].peer.name
    }

    /// Applies a key to the filter; false if it is none of its keys.
    private mutating func edit(_ key: TopKey) -> Bool {
        switch key {
        case .scalar(let scalar):
            if filter.count < Self.longestFilter { filter.unicodeScalars.append(scalar) }
        case .backspace:
            if filter.isEmpty { isEditing = false } else { filter.removeLast() }
        case .enter: isEditing = false
        case .escape: (filter, isEditing) = ("", false)
        default: return false
        }
        return true
    }

    private mutating func scroll(_ shown: Detail, _ key: TopKey, page: Int, lines: Int) -> Action? {
        switch key {
        case .scalar("q"), .escape, .enter: detail = nil
        default:
            guard let step = Self.step(key, page: page) else { break }
            let last = max(0, lines - page)
            detail?.scrolled = max(0, min(min(shown.scrolled, last) + step, last))
        }
        return nil
    }

    /// How many rows a key moves down; nil for other keys.
    private static func step(_ key: TopKey, page: Int) -> Int? {
        switch key {
        case .up, .scalar("k"): -1
        case .down, .scalar("j"): 1
        case .pageUp: -max(1, page)
        case .pageDown: max(1, page)
        case .home: -1_000_000
        case .end: 1_000_000
        default: nil
        }
    }
}
