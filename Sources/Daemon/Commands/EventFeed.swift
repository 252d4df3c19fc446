import JSON
import NodeClient
import Pages
import StateStore

/// Reads the new events of a node, poll by poll.
struct EventFeed {
    /// How many events each request asks for; a poll requests more pages until it has all.
    private static let pageSize = 100

    let client: NodeClient
    private var query: EventQuery
    private var isFirst = true
    /// The newest event that was returned: its id, and its time in Unix seconds.
    private var last = (id: 0, at: 0.0)

    /// `query` selects the events, and its limit applies to the first poll.
    init(_ client: NodeClient, _ query: EventQuery) { (self.client, self.query) = (client, query) }

    /// The events since the poll before, oldest first.
    struct News {
        var events: [(tree: JSONTree, event: ShownEvent)] = []
        /// Whether the ids of the node are no longer those of the poll before.
        ///
        /// A node without a state directory numbers its events from 1 at each start.
        var isRenumbered = false
    }

    /// Requests the events since the poll before; after a failure the next poll returns them.
    mutating func next() async throws(NodeFailure) -> News {
        var news = News()
        var query = query
        var newest: ShownEvent?
        repeat {
            let path = "/federation/events?" + query.text
            let page = try await client.json(path, with: "events")
            let events = page["events"].items.map { (tree: $0, event: ShownEvent($0)) }
            newest = newest ?? events.first?.event
            let fresh = events.prefix { isNew($0.event) }
            news.events += fresh
            query.before = page["next"].integer.map(Int64.init)
            // All events after a known one are known.
            if isFirst || fresh.count < events.count { query.before = nil }
        } while query.before != nil
        news.events.reverse()
        if let newest {
            let first = news.events.first?.event.id
            news.isRenumbered = first.map { $0 <= last.id } ?? (newest.id < last.id)
            last = (newest.id, newest.at)
        }
        (isFirst, self.query.limit) = (false, Self.pageSize)
        return news
    }

    /// Whether an event was not returned before; by its time if the ids began again.
    private func isNew(_ event: ShownEvent) -> Bool { event.id > last.id || event.at > last.at }
}
