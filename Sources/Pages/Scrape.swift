package import Exposition
package import Federation
package import Host

/// The input of the metrics: the state of the node, its process and its listener.
package final class Scrape: Sendable {
    /// The counters of the listener.
    package struct Listener: Sendable {
        package typealias Counts = [(labels: Labels, count: Int)]

        /// Completed requests, by status and path.
        package var requests: Counts = []
        /// Computed pages that were refused, by reason.
        package var refusals: Counts = []
        /// Bytes of the computed pages in memory.
        package var heldBytes = 0
        package var openConnections = 0
        package var connectionLimit = 0
        /// Connections that the listener closed, by cause.
        package var closed: Counts = []
        package var acceptPauses = 0
        /// Requests that were refused because of their client, by cause.
        package var refused: Counts = []

        package init() {}
    }

    /// The events, and how they and the state are saved.
    package struct Events: Sendable {
        package var counts: [EventKind: Int] = [:]
        package var dropped = 0
        /// Whether the last save was good; nil without a state directory.
        package var isSaved: Bool?
        /// Unix seconds of the last good save.
        package var savedAt: Double?

        package init() {}
    }

    /// When the certificates of files expire, in Unix seconds, by role.
    package typealias Expiries = [(labels: Labels, expires: Double)]

    let status: NodeStatus
    let process: ProcessFacts
    let listener: Listener
    let events: Events
    let certificates: Expiries
    let droppedRecords: Int
    /// The label of each peer of the report, in its order; our name for the peer, not its own.
    let peerLabels: [Labels]

    package init(
        _ status: NodeStatus,
        process: ProcessFacts,
        listener: Listener = Listener(),
        events: Events = Events(),
        certificates: Expiries = [],
        droppedRecords: Int = 0
    ) {
        (self.status, self.process, self.listener) = (status, process, listener)
        (self.events, self.certificates) = (events, certificates)
        self.droppedRecords = droppedRecords
        peerLabels = status.report.peers.map { ["peer": $0.peer.label] }
    }
}

extension MetricFamily<Scrape> {
    /// A gauge without labels that is absent while there is no value.
    static func gauge(
        _ name: String,
        help: String,
        _ value: @escaping @Sendable (Scrape) -> Double?
    ) -> MetricFamily {
        MetricFamily(name, .gauge, help: help) { scrape, series in
            if let value = value(scrape) { series.add(value: value) }
        }
    }

    /// A counter with one series for each of some labels.
    static func counters(
        _ name: String,
        help: String,
        _ counts: @escaping @Sendable (Scrape) -> Scrape.Listener.Counts
    ) -> MetricFamily {
        MetricFamily(name, .counter, help: help) { scrape, series in
            for (labels, count) in counts(scrape) { series.add(labels, value: Double(count)) }
        }
    }

    /// A gauge for each peer that has a value.
    static func peerGauge(
        _ name: String,
        help: String,
        _ value: @escaping @Sendable (PeerReport) -> Double?
    ) -> MetricFamily {
        MetricFamily(name, .gauge, help: help) { scrape, series in
            for (index, peer) in scrape.peerLabels.enumerated() {
                if let value = value(scrape.status.report.peers[index]) {
                    series.add(peer, value: value)
                }
            }
        }
    }
}
