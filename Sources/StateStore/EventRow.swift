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
