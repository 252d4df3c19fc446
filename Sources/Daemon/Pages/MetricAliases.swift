import Exposition
import Federation

/// The six names by which Nova's document calls its metrics, for dashboards written after it.
///
/// They fail Prometheus' naming lint, hence they are exported only when asked for.
enum MetricAliases {
    static let families: [MetricFamily<Scrape>] = [
        .histogram(
            "federation_sync_latency_histogram",
            help: "Alias of nova_federation_sync_latency_seconds",
            upperBounds: Histogram.latencyBounds
        ) { $0.status.report.totals.latency.exposed },
        .peerGauge(
            "federation_peer_last_seen_gauge",
            help: "Alias of nova_federation_peer_last_seen_timestamp"
        ) { $0.lastSeenWall },
        MetricFamily(
            "federation_sync_errors_counter",
            .counter,
            help: "Alias of nova_federation_sync_errors_total",
            PeerMetrics.writeErrors
        ),
        .peerGauge("peer_quality", help: "Alias of nova_federation_peer_quality") {
            $0.scored?.value
        },
        .peerGauge("peer_p95", help: "Alias of nova_federation_peer_last_p95_seconds") {
            $0.quality.latencyP95
        },
        .peerGauge("peer_success", help: "Alias of nova_federation_peer_success_rate") {
            $0.scored?.successRate
        },
    ]
}
