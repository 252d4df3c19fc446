internal import Federation
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

    private func event(_ row: EventRow) -> JSONOutput {
        let label = row.url.flatMap { labels[$0] } ?? row.peer
        return [
            "id": .integer(Int(row.id)),
            "at": .double(row.at),
            "kind": .string(row.kind),
            "peer": .text(label),
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

/// Why a parameter of a request is invalid.
package struct ParameterFault: Error, Hashable, Sendable {
    /// As the client sent it.
    package var name: String
    package var message: String
}

extension EventQuery {
    /// The query in the parameters of a URL, decoded.
    package init(
        parameters: [(name: String, value: String)]
    ) throws(ParameterFault) {
        self.init()
        var seen: Set<String> = []
        for (name, value) in parameters {
            func fault(_ message: String) -> ParameterFault {
                ParameterFault(name: name, message: message)
            }
            guard seen.insert(name).inserted else { throw fault("may occur only once") }
            switch name {
            case "peer":
                guard !value.isEmpty else { throw fault("must be the id of a peer") }
                peer = value
            case "kind":
                guard EventKind(rawValue: value) != nil else {
                    throw fault("must be one of \(Self.kinds)")
                }
                kind = value
            case "since":
                guard let seconds = Double(value), seconds.isFinite, seconds >= 0 else {
                    throw fault("must be a Unix time in seconds")
                }
                since = seconds
            case "before":
                guard let id = Int64(value), id > 0 else {
                    throw fault("must be the id of an event")
                }
                before = id
            case "limit":
                guard let count = Int(value), Self.limits.contains(count) else {
                    throw fault("must be \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
                }
                limit = count
            default:
                throw fault("is not a parameter; allowed: peer, kind, since, before, limit")
            }
        }
    }

    private static let limits = 1...1_000
    private static let kinds = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
}
