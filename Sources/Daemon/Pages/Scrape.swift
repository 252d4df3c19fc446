import Exposition
import Federation
import Host
import MicroHTTPServer

/// What the metrics are read from: everything that there is to say at one moment.
final class Scrape: Sendable {
    let status: NodeStatus
    let process: ProcessFacts
    let requests: [(labels: Labels, count: Int)]
    let pages: PageCounts
    let listener: ListenerCounts
    let droppedRecords: Int
    /// The label of each peer of the report, in its order: what we call it, never what it calls
    /// itself.
    let peerLabels: [Labels]

    init(
        _ status: NodeStatus,
        process: ProcessFacts,
        requests: RequestCounts,
        pages: PageCounts,
        listener: ListenerCounts,
        droppedRecords: Int = 0
    ) {
        self.status = status
        self.process = process
        self.requests = requests.inOrder
        self.pages = pages
        self.listener = listener
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
