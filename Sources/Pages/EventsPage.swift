package import JSON
package import StateStore

/// The page at `/federation/events`: what happened, newest first.
///
/// contracts/http.md describes the fields and the parameters.
package struct EventsPage {
    /// The events of a query, and one more if there are more.
    let rows: [EventRow]
    let limit: Int
    /// Unix seconds of the oldest event that is kept.
    let oldest: Double?
    /// The present labels of the peers, by URL.
    let labels: [String: String]

    package init(rows: [EventRow], limit: Int, oldest: Double?, labels: [String: String]) {
        (self.rows, self.limit, self.oldest, self.labels) = (rows, limit, oldest, labels)
    }

    package var json: JSONOutput {
        let shown = rows.prefix(limit)
        return [
            "events": .list(shown.map(event)),
            "oldest": .number(oldest),
            "next": .count(rows.count > limit ? shown.last.map { Int($0.id) } : nil),
        ]
    }

    /// The events of the page, for a reader.
    package var shown: [ShownEvent] {
        rows.prefix(limit).map { ShownEvent($0, peer: label(of: $0)) }
    }

    private func label(of row: EventRow) -> String? {
        row.url.flatMap { labels[$0] } ?? row.peer
    }

    private func event(_ row: EventRow) -> JSONOutput {
        [
            "id": .integer(Int(row.id)),
            "at": .double(row.at),
            "kind": .string(row.kind),
            "peer": .text(label(of: row)),
            "reason": .text(row.reason),
            "phase": .text(row.phase),
            "status": .count(row.status),
            "detail": .text(row.detail),
            "from": .text(row.from),
            "to": .text(row.to),
            "count": .count(row.count),
            "lasted": .number(row.lasted),
            "lateness": .double(row.lateness),
        ]
    }
}
