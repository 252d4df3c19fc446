internal import Exposition
internal import Federation

/// The metrics of events and of the saved state.
enum EventMetrics {
    static let families: [MetricFamily<Scrape>] = [
        MetricFamily(
            "nova_federation_events_total",
            .counter,
            help: "Events of this run, by kind"
        ) { scrape, series in
            for (kind, labels) in kinds {
                series.add(labels, value: Double(scrape.events.counts[kind] ?? 0))
            }
        },
        MetricFamily(
            "nova_federation_events_dropped_total",
            .counter,
            help: "Events that were lost before they could be saved"
        ) { $1.add(value: Double($0.events.dropped)) },
        .gauge("nova_federation_state_ok", help: "0 if the last save of state or events failed") {
            $0.events.isSaved.map { $0 ? 1 : 0 }
        },
        .gauge(
            "nova_federation_state_saved_timestamp_seconds",
            help: "Unix time of the last successful save of the state"
        ) { $0.events.savedAt },
    ]

    private static let kinds: [(EventKind, Labels)] = EventKind.allCases
        .sorted { $0.rawValue < $1.rawValue }.map { ($0, ["kind": $0.rawValue]) }
}
