internal import Exposition
internal import Federation
internal import Settings

/// The metrics of pulling as a whole.
enum SyncMetrics {
    static let families: [MetricFamily<Scrape>] = [
        .histogram(
            "nova_federation_sync_latency_seconds",
            help: "Durations of good pulls (federation_sync_latency_histogram)",
            upperBounds: Histogram.latencyBounds
        ) { $0.status.report.totals.latency.exposed },
        MetricFamily(
            "nova_federation_pull_result_total",
            .counter,
            help: "Finished pulls by result"
        ) { scrape, series in
            let totals = scrape.status.report.totals
            series.add(error, value: Double(totals.errors))
            series.add(success, value: Double(totals.successes))
        },
        MetricFamily(
            "nova_federation_last_result_timestamp",
            .gauge,
            help: "Unix time of the last pull with this result"
        ) { scrape, series in
            let totals = scrape.status.report.totals
            if let wall = totals.lastError { series.add(error, value: wall) }
            if let wall = totals.lastSuccess { series.add(success, value: wall) }
        },
        MetricFamily(
            "nova_federation_missed_pulls_total",
            .counter,
            help: "Slots of peers that passed without a pull"
        ) { $1.add(value: Double($0.status.report.totals.missed)) },
        .gauge("nova_federation_peers", help: "Configured peers") {
            Double($0.status.settings.peers.count)
        },
        .gauge(
            "nova_federation_config_last_reload_successful",
            help: "1 if the last reload succeeded, 0 if it found faults and changed nothing"
        ) { $0.status.lastReload.isGood ? 1 : 0 },
        .gauge(
            "nova_federation_config_last_reload_success_timestamp_seconds",
            help: "Unix time of the last successful reload or of startup"
        ) { $0.status.lastReload.lastGood },
        .gauge(
            "nova_federation_ready",
            help: "1 if peers are pulled, one is live and the quality gate, if set, is met"
        ) { $0.status.isReady ? 1 : 0 },
        .gauge(
            "nova_federation_self_suspect",
            help: "1 if this node itself may be the reason that its pulls fail"
        ) { $0.status.report.suspicions.isEmpty ? 0 : 1 },
        .gauge("nova_federation_pulls_in_flight", help: "Pulls in flight") {
            Double($0.status.activity.inFlight)
        },
        .histogram(
            "nova_federation_schedule_lateness_seconds",
            help: "Delay from the slot of a pull to its start",
            upperBounds: Activity.latenessBounds
        ) { $0.status.activity.lateness.exposed },
    ]

    private static let error: Labels = ["status": "error"]
    private static let success: Labels = ["status": "success"]
}

extension Histogram {
    /// The parts that change between scrapes.
    var exposed: (counts: [Int], sum: Double) { (counts, sum) }
}
