/// The columns that fit a width.
///
/// Narrow screens leave out the columns at the end of `byImportance`. On wide ones names, the last
/// failure and the sparkline grow. Widths depend on the names only, so columns stay in place.
struct TopLayout: Hashable, Sendable {
    /// What a column shows.
    enum Content: Hashable, Sendable {
        case cell(PeerColumn)
        case latencies
    }

    /// A column and its width.
    struct Column: Hashable, Sendable {
        var content: Content
        var width: Int

        var title: String {
            switch content {
            case .cell(let column): column.rawValue
            case .latencies: "latencies"
            }
        }

        /// Whether it contains numbers, which are aligned by their last digit.
        var isNumber: Bool {
            [.cell(.quality), .cell(.success), .cell(.p95)].contains(content)
        }
    }

    /// The blanks between two columns.
    static let gap = 2
    private static let narrowestName = 8
    /// Longer names do not displace other columns.
    private static let usualName = 20
    private static let widestFailure = 31

    /// The most important first, with the width without growth.
    private static let byImportance: [(content: Content, width: Int)] = [
        (.cell(.state), 7), (.latencies, 10), (.cell(.quality), 7), (.cell(.p95), 7),
        (.cell(.lastFailure), 15), (.cell(.age), 10), (.cell(.success), 7), (.cell(.lastGood), 14),
    ]
    /// From left to right, after the name.
    private static let order: [Content] = [
        .cell(.state), .cell(.age), .cell(.quality), .cell(.success), .cell(.p95),
        .cell(.lastGood), .cell(.lastFailure), .latencies,
    ]

    let columns: [Column]

    /// `widestName` is the width that all names need.
    init(width: Int, widestName: Int) {
        let name = max(Self.narrowestName, min(widestName, TopRow.longestName * 2))
        var widths: [Content: Int] = [.cell(.name): min(width, min(name, Self.usualName))]
        var left = width - min(width, min(name, Self.usualName))
        for (content, needed) in Self.byImportance {
            guard left >= Self.gap + needed else { break }
            widths[content] = needed
            left -= Self.gap + needed
        }
        let limits: [(content: Content, width: Int)] = [
            (.latencies, 20), (.cell(.name), name), (.cell(.lastFailure), Self.widestFailure),
            (.latencies, LatencyTrace.maximumMarks),
        ]
        for (content, limit) in limits {
            guard let width = widths[content] else { continue }
            let growth = max(0, min(left, limit - width))
            widths[content] = width + growth
            left -= growth
        }
        columns = ([.cell(.name)] + Self.order)
            .compactMap { content in
                widths[content].map { Column(content: content, width: $0) }
            }
    }
}
