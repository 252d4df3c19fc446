internal import Federation
internal import Timing

/// The latest pulls of one peer, each with a bar of the time that its parts took.
struct PullTable {
    private static let most = 20
    private static let width = 240.0

    /// One pull, newest first.
    private struct Row {
        var age: Double
        var total: Double
        /// In seconds, in the order of `PullStage.allCases`.
        var durations: [Double]
        var result: String
        var isGood: Bool
    }

    private let rows: [Row]
    /// Pulls of an earlier run, whose timings are not kept.
    private let untimed: Int

    /// The pulls of the last `length` before `now`, in running time.
    init(_ window: RollingWindow, now: Instant, length: Duration) {
        var rows: [Row] = []
        var untimed = 0
        for entry in window.reversed().prefix(Self.most) where entry.received >= now - length {
            guard let total = entry.phases.total else {
                untimed += 1
                continue
            }
            let isGood = entry.isGood
            let failure = entry.reason.map { Failure($0, stage: entry.stage) }
            rows.append(
                Row(
                    age: max(0, now.seconds(since: entry.received)),
                    total: total,
                    durations: entry.phases.durations(endingIn: entry.stage ?? .body),
                    result: failure?.words
                        ?? (entry.seconds == nil ? "good, delayed here" : "good"),
                    isGood: isGood
                )
            )
        }
        (self.rows, self.untimed) = (rows, untimed)
    }

    var html: HTML {
        guard !rows.isEmpty else { return "<p class=\"soft\">No pull has timings yet.</p>" }
        let longest = max(1e-6, rows.map(\.total).max() ?? 0)
        let note: HTML? =
            untimed == 0
            ? nil
            : "<p class=\"soft\">\(untimed) pulls of an earlier run have no timings.</p>"
        let stages = PullStage.allCases
        let headings: [HTML] = stages.map {
            "<th role=\"columnheader\" scope=\"col\" class=\"num\">\($0.heading)</th>"
        }
        return """
            \(key)
            <table class="cards parts" role="table">
            <caption>Newest first, times in milliseconds</caption>
            <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Ended</th>\
            <th role="columnheader" scope="col">Result</th>\
            <th role="columnheader" scope="col">Time</th>\(headings)\
            <th role="columnheader" scope="col" class="num">Total</th></tr></thead>
            <tbody role="rowgroup">
            \(rows.map { html($0, longest: longest) })</tbody>
            </table>
            \(note)
            """
    }

    /// The colours of the parts; in each bar they have this order.
    private var key: HTML {
        let items: [HTML] = PullStage.allCases.enumerated()
            .map { index, stage in
                """
                <li><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">\
                <rect class="p\(index + 1)" width="12" height="12" rx="2"/></svg>\
                \(stage.heading)</li>

                """
            }
        return """
            <ul class="key" aria-label="Parts of a pull, in the order of the bars">
            \(items)</ul>
            """
    }

    private func html(_ row: Row, longest: Double) -> HTML {
        let cells: [HTML] = zip(PullStage.allCases, row.durations)
            .map { stage, seconds in
                """
                <td role="cell" class="num" data-name="\(stage.heading)">\
                \(seconds > 0 ? (seconds * 1_000).fixed(1) : "–")</td>
                """
            }
        let mark: Drawing.Mark = row.isGood ? .good : .bad
        return """
            <tr role="row"><th role="rowheader" scope="row">\(row.age.ago)</th>\
            <td role="cell" class="two">\(mark.html)\(row.result)</td>\
            <td role="cell" class="full">\(bar(row, longest: longest))</td>\(cells)\
            <td role="cell" class="num" data-name="Total">\((row.total * 1_000).fixed(1))</td></tr>

            """
    }

    private func bar(_ row: Row, longest: Double) -> HTML {
        var parts: [HTML] = []
        var words: [String] = []
        var start = 0.0
        for (index, seconds) in row.durations.enumerated() where seconds > 0 {
            let from = (Self.width * start / longest).coordinate
            start += seconds
            // At least one unit, so that no part is invisible.
            let width = max(1, (Self.width * start / longest).coordinate - from)
            let size: HTML = "x=\"\(from)\" width=\"\(width)\" height=\"14\""
            parts.append("<rect class=\"p\(index + 1)\" \(size)/>")
            words.append("\(PullStage.allCases[index].heading) \(seconds.asLatency)")
        }
        return """
            <svg viewBox="0 0 \(Self.width.coordinate) 14" width="\(Self.width.coordinate)" \
            height="14" role="img"><title>\(words.joined(separator: ", "))</title>\(parts)</svg>
            """
    }
}
