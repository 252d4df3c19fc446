internal import Exposition
internal import Federation

/// Nova's own names of metrics that this node exports under other names.
///
/// Most fail Prometheus' naming lint, so they are exported only if a setting requests them.
enum MetricAliases {
    static let families: [MetricFamily<Scrape>] = [
        // The names in the documentation of Nova's federation.
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
        // The names in Nova's smoke tests and rules.
        .gauge("nova_wisdom_peer_count", help: "Alias of nova_wisdom_peers") {
            Double($0.status.report.liveCount)
        },
        .gauge("nova_slot07_jobs_current", help: "Alias of nova_federation_slot07_jobs") {
            $0.status.local.wisdom.map { Double($0.slotSeven.jobs) }
        },
        .gauge("nova_slot07_jobs_reason", help: "Alias of nova_federation_slot07_reason") {
            $0.status.local.wisdom.map { Double($0.slotSeven.reason.rawValue) }
        },
        .gauge(
            "nova_wisdom_poller_heartbeat_unix",
            help: "Unix time of the last tick, in whole seconds"
        ) { $0.status.local.tickedWall.map { $0.rounded(.down) } },
    ]
}
