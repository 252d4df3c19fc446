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
    package var escapedForURL: String {
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
