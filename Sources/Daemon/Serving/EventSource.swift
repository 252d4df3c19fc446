import Federation
import JSON
import MicroHTTPServer
import Pages
import Settings
import StateStore

/// Answers queries for events, from the file and the events that are not saved yet.
struct EventSource: Sendable {
    let log: EventLog
    /// Nil without a state directory.
    let file: StateStore?
    let inForce: SettingsInForce

    func answer(_ request: Request) -> Answer {
        do throws(ParameterFault) {
            let query = try EventQuery(parameters: request.parameters)
            return .queued(key: "\(request.path) \(query)", readsDisk: true) { page(query) }
        } catch {
            return .page(Page(Self.refusal(error)))
        }
    }

    /// The events of a query, newest first, or why they cannot be read; blocks on the disk.
    func latest(_ query: EventQuery) -> Result<[ShownEvent], StoreFault> {
        do throws(StoreFault) {
            return .success(try found(query).shown)
        } catch {
            return .failure(error)
        }
    }

    /// The page of a query; blocks on the disk.
    private func page(_ query: EventQuery) -> Response {
        do throws(StoreFault) {
            return .json(200, try found(query).json.bytes)
        } catch {
            let body: JSONOutput = [
                "error": .string(error == .tooMuch ? "too_much" : "state_failed"),
                "message": .string("\(error)"),
            ]
            return .json(503, body.bytes)
        }
    }

    /// What a query finds, with the present labels of the peers.
    private func found(_ query: EventQuery) throws(StoreFault) -> EventsPage {
        let peers = inForce.settings.peers
        var query = query
        query.url = query.peer.flatMap { label in peers.first { $0.label == label }?.url }
        let found = try rows(query)
        let urls = Set(found.rows.compactMap(\.url))
        let labels = peers.filter { urls.contains($0.url) }.map { ($0.url, $0.label) }
        return EventsPage(
            rows: found.rows,
            limit: query.limit,
            oldest: found.oldest,
            labels: Dictionary(labels) { first, _ in first }
        )
    }

    /// The events of a query, and one more if there are more, newest first.
    private func rows(_ query: EventQuery) throws(StoreFault) -> (rows: [EventRow], oldest: Double?)
    {
        // Read before the file, so that an event that is saved meanwhile is in one of the two.
        let unsaved = log.unsaved.rows
        var rows: [Int64: EventRow] = [:]
        var oldest: Double?
        if let file, file.isOpen {
            for row in try file.events(query) { rows[row.id] = row }
            oldest = try file.oldestEvent()
        }
        for row in unsaved where query.matches(row) { rows[row.id] = row }
        let newest = rows.values.sorted { $0.id > $1.id }.prefix(query.limit + 1)
        return (Array(newest), oldest ?? unsaved.first?.at)
    }

    /// The response to an invalid parameter.
    private static func refusal(_ fault: ParameterFault) -> Response {
        let name = String(fault.name.unicodeScalars.prefix(mostScalars))
        let body: JSONOutput = [
            "error": .string("bad_parameter"), "message": .string("\(name) \(fault.message)"),
            "parameter": .string(name),
        ]
        return .json(400, body.bytes)
    }

    /// The response contains at most this many scalars of the name.
    private static let mostScalars = 64
}
