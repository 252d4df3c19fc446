/// One row of the events; this module does not interpret it.
package struct EventRow: Hashable, Sendable {
    package var id: Int64
    /// Unix seconds.
    package var at: Double
    package var kind: String
    /// The label and the URL of the peer at that time; nil for events of this node.
    package var peer: String?
    package var url: String?
    package var reason: String?
    package var phase: String?
    package var status: Int?
    package var detail: String?
    /// Seconds.
    package var lasted: Double?
    /// Seconds.
    package var lateness: Double
    package var from: String?
    package var to: String?
    package var count: Int?

    package init(id: Int64, at: Double, kind: String, lateness: Double) {
        (self.id, self.at, self.kind, self.lateness) = (id, at, kind, lateness)
    }
}

extension EventRow {
    /// The columns, in the order of `parameters`.
    static let columns = """
        id, at, kind, peer, url, reason, phase, status, detail, lasted, lateness, old, new, count
        """

    var parameters: [SQLiteValue] {
        [
            .integer(id), .real(at), .text(kind), .optional(peer), .optional(url),
            .optional(reason), .optional(phase), .optional(status), .optional(detail),
            .optional(lasted), .real(lateness), .optional(from), .optional(to), .optional(count),
        ]
    }

    /// Nil if a required column is NULL.
    init?(_ row: borrowing SQLiteRow) {
        guard let id = row.integer(0), let at = row.real(1), let kind = row.text(2),
            let lateness = row.real(10)
        else { return nil }
        self.init(id: id, at: at, kind: kind, lateness: lateness)
        (peer, url) = (row.text(3), row.text(4))
        (reason, phase, detail) = (row.text(5), row.text(6), row.text(8))
        status = row.integer(7).flatMap(Int.init(exactly:))
        lasted = row.real(9)
        (from, to) = (row.text(11), row.text(12))
        count = row.integer(13).flatMap(Int.init(exactly:))
    }
}

extension SQLiteValue {
    fileprivate static func optional(_ text: String?) -> SQLiteValue {
        text.map(Self.text) ?? .null
    }
    fileprivate static func optional(_ number: Double?) -> SQLiteValue {
        number.map(Self.real) ?? .null
    }
    fileprivate static func optional(_ number: Int?) -> SQLiteValue {
        number.map { .integer(Int64($0)) } ?? .null
    }
}

/// Which events to return, newest first.
package struct EventQuery: Hashable, Sendable {
    /// The label of the peer at the time of its events; ignored if `url` is not nil.
    package var peer: String?
    /// The URL of the peer that has this label now.
    package var url: String?
    package var kind: String?
    /// Unix seconds; events at this time or later.
    package var since: Double?
    /// Events with smaller ids.
    package var before: Int64?
    /// 1 to 1,000.
    package var limit: Int

    package init(limit: Int = 100) { self.limit = limit }

    /// The parameters of a URL.
    package var text: String {
        var parameters = ["limit=\(limit)"]
        if let peer { parameters.append("peer=" + peer.escapedForURL) }
        if let kind { parameters.append("kind=" + kind.escapedForURL) }
        if let since { parameters.append("since=\(since)") }
        if let before { parameters.append("before=\(before)") }
        return parameters.joined(separator: "&")
    }

    /// Whether the query selects an event, apart from the limit.
    package func matches(_ row: EventRow) -> Bool {
        if let before, row.id >= before { return false }
        if let since, row.at < since { return false }
        if let kind, row.kind != kind { return false }
        if let url { return row.url == url }
        return peer == nil || row.peer == peer
    }

    /// Appends a row, unless it is older than `since`; then all later rows are, as far as the clock
    /// was not set back, and false ends the query.
    func takes(_ row: borrowing SQLiteRow, into rows: inout [EventRow]) -> Bool {
        guard let event = EventRow(row) else { return true }
        guard event.at >= since ?? event.at else { return false }
        rows.append(event)
        return true
    }

    /// The statement for one more row than the limit, and its parameters.
    var statement: (sql: String, parameters: [SQLiteValue]) {
        var conditions: [String] = []
        var parameters: [SQLiteValue] = []
        func add(_ condition: String, _ value: SQLiteValue?) {
            guard let value else { return }
            conditions.append(condition)
            parameters.append(value)
        }
        add("id < ?", before.map(SQLiteValue.integer))
        add("kind = ?", kind.map(SQLiteValue.text))
        if let url {
            add("url = ?", .text(url))
        } else {
            add("peer = ?", peer.map(SQLiteValue.text))
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        parameters.append(.integer(Int64(limit) + 1))
        let sql = "SELECT \(EventRow.columns) FROM events \(filter) ORDER BY id DESC LIMIT ?"
        return (sql, parameters)
    }
}

extension String {
    /// The text as a part of a URL, with every byte escaped but `A-Z a-z 0-9 _ . - /`.
    var escapedForURL: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
