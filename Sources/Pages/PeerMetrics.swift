internal import Exposition
internal import Federation

/// The metrics of each peer.
enum PeerMetrics {
    static let families: [MetricFamily<Scrape>] = [
        .peerGauge(
            "nova_federation_peer_quality",
            help: "Quality of the peer, 0 to 1 (peer_quality)"
        ) { $0.scored?.value },
        .peerGauge(
            "nova_federation_peer_last_p95_seconds",
            help: "95th percentile of the durations of good pulls in the window (peer_p95)"
        ) { $0.quality.latencyP95 },
        .peerGauge(
            "nova_federation_peer_success_rate",
            help: "Good pulls over pulls in the window, 0 to 1 (peer_success)"
        ) { $0.scored?.successRate },
        .peerGauge(
            "nova_federation_peer_samples",
            help: "Observations of the peer in the window"
        ) { Double($0.quality.samples) },
        .peerGauge(
            "nova_federation_peer_last_seen_timestamp",
            help: "Unix time of the last good pull (federation_peer_last_seen_gauge)"
        ) { $0.lastSeenWall },
        .peerGauge(
            "nova_federation_peer_up",
            help: "1 if the peer responds, 0 if it is down; absent for this node itself"
        ) { $0.up },
        .peerGauge(
            "nova_federation_peer_live",
            help: "1 if the last good pull is recent and its numbers are not stale, else 0"
        ) { $0.state == .itself ? nil : $0.isLive ? 1 : 0 },
        .peerGauge(
            "nova_federation_peer_stale",
            help: "1 if the peer answers, but its ts has not changed for too long, else 0"
        ) { $0.state == .itself ? nil : $0.isStale ? 1 : 0 },
        .peerGauge(
            "nova_federation_peer_ts_age_seconds",
            help: "Our clock at receipt minus the peer's ts; negative if its clock is ahead"
        ) { $0.tsAgeSeconds },
        MetricFamily(
            "nova_federation_peer_info",
            .gauge,
            help: "A constant 1; the labels are the node id and version that the peer claims"
        ) { scrape, series in
            for (index, peer) in scrape.peerLabels.enumerated() {
                guard let info = scrape.status.report.peers[index].info else { continue }
                series.add(peer, ["node_id": info.nodeID, "version": info.version], value: 1)
            }
        },
        MetricFamily(
            "nova_federation_peer_identity",
            .gauge,
            help: "A constant 1; the label is the state of the peer's identity"
        ) { scrape, series in
            for (index, peer) in scrape.peerLabels.enumerated() {
                let identity = scrape.status.report.peers[index].identity
                series.add(peer, identityLabels[identity], value: 1)
            }
        },
        MetricFamily(
            "nova_federation_sync_errors_total",
            .counter,
            help: "Failed pulls by type of error (federation_sync_errors_counter)",
            writeErrors
        ),
        MetricFamily(
            "nova_federation_pull_failures_total",
            .counter,
            help: "Failed pulls by reason"
        ) { scrape, series in
            for (index, peer) in scrape.peerLabels.enumerated() {
                let failures = scrape.status.report.peers[index].failures
                for (reason, count) in failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                    series.add(peer, reasonLabels[reason], value: Double(count))
                }
            }
        },
    ]

    /// Writes the failed pulls of each peer, also those types of error that have not occurred.
    @Sendable static func writeErrors(_ scrape: Scrape, _ series: inout SeriesWriter) {
        for type in errorTypes {
            let label = errorTypeLabels[type]
            for (index, peer) in scrape.peerLabels.enumerated() {
                // Copies only the failures, because a whole report is expensive to copy.
                let failures = scrape.status.report.peers[index].failures
                series.add(label, peer, value: Double(failures.errors(of: type)))
            }
        }
    }

    private static let identityLabels = Labels.each("state", of: IdentityState.self)
    private static let reasonLabels = Labels.each("reason", of: FailureReason.self)
    private static let errorTypeLabels = Labels.each("error_type", of: ErrorType.self)
    /// In the order in which they are written.
    private static let errorTypes = ErrorType.allCases.sorted { $0.rawValue < $1.rawValue }
}

extension PeerReport {
    /// The quality; nil for a peer that is this node itself.
    var scored: Quality? { state == .itself ? nil : quality }

    /// 1 or 0; nil before the first pull and for a peer that is this node itself.
    fileprivate var up: Double? {
        switch state {
        case .up, .clone: 1
        case .down: 0
        case .unknown, .itself: nil
        }
    }
}
