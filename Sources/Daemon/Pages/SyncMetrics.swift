import Exposition
import Federation
import PeerSync

/// The series of the synchronisation as a whole.
struct SyncMetrics {
    private let status: NodeStatus

    init(_ status: NodeStatus) {
        self.status = status
    }

    var families: [MetricFamily] {
        let totals = status.report.totals
        return [
            .histogram(
                "nova_federation_sync_latency_seconds",
                totals.latency,
                help: "Durations of good pulls (federation_sync_latency_histogram)"
            ),
            MetricFamily(
                "nova_federation_pull_result_total",
                help: "Pulls that ended, by result",
                .counter([
                    MetricSample([Label("status", "error")], Double(totals.errors)),
                    MetricSample([Label("status", "success")], Double(totals.successes)),
                ])
            ),
            MetricFamily(
                "nova_federation_last_result_timestamp",
                help: "Unix time of the last pull with this result",
                .gauge(
                    [
                        totals.lastError.map { MetricSample([Label("status", "error")], $0) },
                        totals.lastSuccess.map { MetricSample([Label("status", "success")], $0) },
                    ]
                    .compactMap(\.self)
                )
            ),
            .gauge(
                "nova_federation_peers",
                Double(status.settings.peers.count),
                help: "Configured peers"
            ),
            .gauge(
                "nova_federation_config_last_reload_successful",
                status.lastReload.isGood ? 1 : 0,
                help: "0 if the last reload found faults and changed nothing"
            ),
            .gauge(
                "nova_federation_config_last_reload_success_timestamp_seconds",
                status.lastReload.lastGood,
                help: "Unix time of the last good reload, or of the start"
            ),
            .gauge(
                "nova_federation_ready",
                status.isReady ? 1 : 0,
                help: "1 if peers are synchronised, one is live and the gate, if set, holds"
            ),
            .counter(
                "nova_federation_missed_pulls_total",
                totals.missed,
                help: "Slots of peers that passed without a pull"
            ),
            .gauge(
                "nova_federation_pulls_in_flight",
                Double(status.activity.inFlight),
                help: "Pulls under way"
            ),
            .histogram(
                "nova_federation_schedule_lateness_seconds",
                status.activity.lateness,
                help: "By how much pulls started after their slot"
            ),
        ]
    }
}
