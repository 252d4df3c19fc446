import Exposition
import Federation

/// The series that each peer has, labelled by what we call it, never by what it calls itself.
struct PeerMetrics {
    private let peers: [(label: Label, report: PeerReport)]

    init(_ status: NodeStatus) {
        peers = status.report.peers.map { (Label("peer", $0.peer.label), $0) }
    }

    var families: [MetricFamily] {
        scores + states + failures
    }

    private var scores: [MetricFamily] {
        [
            gauge(
                "nova_federation_peer_quality",
                help: "Quality of the peer, 0 to 1 (peer_quality)"
            ) { $0.scored?.value },
            gauge(
                "nova_federation_peer_last_p95_seconds",
                help: "95th percentile of the durations of good pulls in the window (peer_p95)"
            ) { $0.quality.latencyP95 },
            gauge(
                "nova_federation_peer_success_rate",
                help: "Good pulls over pulls in the window, 0 to 1 (peer_success)"
            ) { $0.scored?.successRate },
            gauge(
                "nova_federation_peer_samples",
                help: "Observations of the peer in the window"
            ) { Double($0.quality.samples) },
        ]
    }

    private var states: [MetricFamily] {
        [
            gauge(
                "nova_federation_peer_last_seen_timestamp",
                help: "Unix time of the last good pull (federation_peer_last_seen_gauge)"
            ) { $0.lastSeenWall },
            gauge(
                "nova_federation_peer_up",
                help: "1 if the latest pull was good, else 0; absent for this node itself"
            ) { $0.upValue },
            gauge(
                "nova_federation_peer_live",
                help: "1 if the last good pull is young enough for the peer to count, else 0"
            ) { $0.state == .itself ? nil : $0.isLive ? 1 : 0 },
            gauge(
                "nova_federation_peer_ts_age_seconds",
                help: "Our clock at receipt less the peer's ts; negative if its clock is ahead"
            ) { $0.tsAgeSeconds },
            MetricFamily(
                "nova_federation_peer_info",
                help: "A constant 1 that names the node and its version, as it says itself",
                .gauge(
                    peers.compactMap { peer in
                        peer.report.info.map { info in
                            MetricSample(
                                [
                                    peer.label, Label("node_id", info.nodeID),
                                    Label("version", info.version),
                                ],
                                1
                            )
                        }
                    }
                )
            ),
            MetricFamily(
                "nova_federation_peer_identity",
                help: "A constant 1 that names the state of the peer's identity",
                .gauge(
                    peers.map { peer in
                        MetricSample(
                            [peer.label, Label("state", peer.report.identity.rawValue)],
                            1
                        )
                    }
                )
            ),
        ]
    }

    private var failures: [MetricFamily] {
        [
            MetricFamily(
                "nova_federation_sync_errors_total",
                help: "Failed pulls by type of error (federation_sync_errors_counter)",
                .counter(errors)
            ),
            MetricFamily(
                "nova_federation_pull_failures_total",
                help: "Failed pulls by reason",
                .counter(
                    peers.flatMap { peer in
                        peer.report.failures.map { reason, count in
                            MetricSample(
                                [peer.label, Label("reason", reason.rawValue)],
                                Double(count)
                            )
                        }
                    }
                )
            ),
        ]
    }

    /// Failed pulls of each peer, the three types from 0.
    var errors: [MetricSample] {
        // In the order in which they are written, so that nobody has to sort them.
        ErrorType.allCases.sorted { $0.rawValue < $1.rawValue }
            .flatMap { type in
                peers.map { peer in
                    MetricSample(
                        [Label("error_type", type.rawValue), peer.label],
                        Double(peer.report.errors(of: type))
                    )
                }
            }
    }

    /// A gauge for each peer that has a value.
    func gauge(
        _ name: String,
        help: String,
        _ value: (PeerReport) -> Double?
    ) -> MetricFamily {
        MetricFamily(
            name,
            help: help,
            .gauge(
                peers.compactMap { peer in
                    value(peer.report).map { MetricSample([peer.label], $0) }
                }
            )
        )
    }
}

extension PeerReport {
    /// The quality of a peer that is another node: this node is in no statistic of its own.
    var scored: Quality? {
        state == .itself ? nil : quality
    }

    /// 1 or 0; nil before the first pull and for a peer that is this node itself.
    fileprivate var upValue: Double? {
        switch state {
        case .up: 1
        case .down: 0
        case .clone: 1
        case .unknown, .itself: nil
        }
    }
}
