import Exposition
import Federation

/// The six names by which Nova's document calls its metrics, for dashboards written after it.
///
/// They fail Prometheus' naming lint, hence they are exported only when asked for.
struct MetricAliases {
    private let status: NodeStatus
    private let format: TextFormat

    init(_ status: NodeStatus, format: TextFormat) {
        self.status = status
        self.format = format
    }

    var families: [MetricFamily] {
        let peers = PeerMetrics(status)
        return [
            .histogram(
                "federation_sync_latency_histogram",
                status.report.totals.latency,
                help: "Alias of nova_federation_sync_latency_seconds"
            ),
            peers.gauge(
                "federation_peer_last_seen_gauge",
                help: "Alias of nova_federation_peer_last_seen_timestamp"
            ) { $0.lastSeenWall },
            // OpenMetrics has no counter whose name does not end in _total.
            MetricFamily(
                "federation_sync_errors_counter",
                help: "Alias of nova_federation_sync_errors_total",
                format == .openMetrics ? .unknown(peers.errors) : .counter(peers.errors)
            ),
            peers.gauge("peer_quality", help: "Alias of nova_federation_peer_quality") {
                $0.scored?.value
            },
            peers.gauge("peer_p95", help: "Alias of nova_federation_peer_last_p95_seconds") {
                $0.quality.latencyP95
            },
            peers.gauge("peer_success", help: "Alias of nova_federation_peer_success_rate") {
                $0.scored?.successRate
            },
        ]
    }
}
