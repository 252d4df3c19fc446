import NodeClient
import Pages

/// The screen as a value: the lines for a state, a size and what the node reported.
struct TopScreen {
    let snapshot: TopSnapshot
    let list: TopList
    let state: TopState
    /// In characters; may be 0.
    let columns: Int
    let rows: Int
    /// A sentence about a node that does not respond.
    let notice: String?

    /// The blanks at the left, where the selected row has its marker.
    private static let margin = 2

    /// The number of lines about the node.
    private var headCount: Int { rows >= 16 ? snapshot.lines.count : rows >= 10 ? 2 : 0 }
    /// On low screens the notice replaces the footer.
    private var noticeCount: Int { rows >= 6 ? 1 : 0 }
    private var titleCount: Int { rows >= 4 ? 1 : 0 }
    private var footerCount: Int { rows >= 2 ? 1 : 0 }

    /// The number of peers, or of lines of the peer in detail, on the screen.
    var page: Int {
        let others = state.detail == nil ? headCount + titleCount : 0
        return max(0, rows - noticeCount - footerCount - others)
    }

    /// Exactly `rows` lines of exactly `columns` columns.
    var lines: [ScreenLine] {
        let lines = state.detail.map(detail) ?? overview
        return lines.map { $0.fitted(to: columns) }
    }

    private var overview: [ScreenLine] {
        let layout = TopLayout(
            width: max(0, columns - Self.margin),
            widestName: snapshot.widestName
        )
        var lines = head
        if noticeCount > 0 { lines.append(noticeLine) }
        if titleCount > 0 { lines.append(title(layout)) }
        let shown = list.rows.indices.dropFirst(state.first).prefix(page)
        var body = shown.map { row(list.rows[$0], layout, isSelected: $0 == state.index) }
        if body.isEmpty, page > 0 {
            let text = list.total == 0 ? "no peers are configured" : "no peer matches the filter"
            body = [ScreenLine("  " + text)]
        }
        lines += body + blank(page - body.count)
        let range = shown.isEmpty ? "0" : "\(shown.startIndex + 1)-\(shown.endIndex)"
        let all = list.rows.count == list.total ? "" : ", \(list.total) peers"
        return lines + footer(keys, right: "rows \(range) of \(list.rows.count)\(all)")
    }

    /// The last lines, because these show what is wrong.
    private var head: [ScreenLine] {
        snapshot.lines.suffix(headCount)
            .map { name, text in
                var line = ScreenLine(name.fitted(to: ShownStatus.nameWidth), .dim)
                let isWrong =
                    name == "faults" && text != "none" || name == "mode" && !snapshot.status.isReady
                line.append(text, isWrong ? .bold : .plain)
                return line
            }
    }

    private var noticeLine: ScreenLine { ScreenLine(notice?.printable(upTo: 300) ?? "", .bold) }

    private func blank(_ count: Int) -> [ScreenLine] {
        Array(repeating: ScreenLine(), count: max(0, count))
    }

    private func title(_ layout: TopLayout) -> ScreenLine {
        let cells = layout.columns.map { column in
            column.title.fitted(to: column.width, fromRight: column.isNumber)
        }
        return ScreenLine("  " + cells.joined(separator: "  "), .bold)
    }

    private func row(_ row: TopRow, _ layout: TopLayout, isSelected: Bool) -> ScreenLine {
        let style = isSelected ? ScreenLine.Style.reverse : .plain
        var line = ScreenLine(isSelected ? "> " : "  ", style)
        for (index, column) in layout.columns.enumerated() {
            if index > 0 { line.append("  ", style) }
            let isBad = column.content == .cell(.state) && row.peer.isBad
            line.append(
                text(row, column).fitted(to: column.width, fromRight: column.isNumber),
                isBad && !isSelected ? .bold : style
            )
        }
        return line
    }

    private func text(_ row: TopRow, _ column: TopLayout.Column) -> String {
        switch column.content {
        case .latencies: row.trace.text(atMost: column.width)
        case .cell(.name): row.shownName.cutInMiddle(to: column.width)
        case .cell(.lastFailure): failure(row.peer, column.width)
        case .cell(let cell): row.peer.text(cell)?.printable(upTo: 64) ?? "-"
        }
    }

    /// The last failure, without its age if there is no room for it.
    private func failure(_ peer: PeerRow, _ width: Int) -> String {
        guard let text = peer.text(.lastFailure)?.printable(upTo: 64) else { return "-" }
        return text.columns <= width ? text : peer.reason?.printable(upTo: 64) ?? "-"
    }

    private var keys: String {
        let filter = state.filter.printable(upTo: TopState.longestFilter)
        if state.isEditing { return "filter: \(filter)_  enter keep  escape clear" }
        return "q quit  enter peer  s sort: \(state.sort.rawValue)  / filter"
            + (filter.isEmpty ? "" : ": \(filter)")
    }

    private func footer(_ left: String, right: String) -> [ScreenLine] {
        guard footerCount > 0 else { return [] }
        if noticeCount == 0, notice != nil { return [noticeLine] }
        let room = columns - right.columns - 2
        guard room >= 20 else { return [ScreenLine(left, .dim)] }
        return [ScreenLine(left.fitted(to: room) + "  " + right, .dim)]
    }

    /// The lines of the peer in detail, wrapped to the width.
    func detailLines(_ detail: TopState.Detail) -> [String] {
        guard let row = snapshot.rows.first(where: { $0.peer.name == detail.name }) else {
            return ["this node has no peer named \(detail.name.printable(upTo: 64))"]
        }
        let events = snapshot.events.flatMap { $0.peer == detail.name ? $0.events : nil }
        let shown = ShownPeer(
            row.peer.peer,
            of: snapshot.status.health,
            in: snapshot.status.wisdom,
            events: events,
            pulls: row.trace.text()
        )
        return shown.lines.flatMap { $0.wrapped(to: max(1, columns)) }
    }

    private func detail(_ detail: TopState.Detail) -> [ScreenLine] {
        let all = detailLines(detail)
        let first = min(detail.scrolled, max(0, all.count - page))
        let shown = all.indices.dropFirst(first).prefix(page)
        var lines = shown.map { ScreenLine(all[$0], $0 == 0 ? .bold : .plain) }
        lines += blank(page - lines.count)
        if noticeCount > 0 { lines.append(noticeLine) }
        let right = "lines \(first + 1)-\(first + shown.count) of \(all.count)"
        return lines + footer("q back  arrows scroll", right: right)
    }
}
