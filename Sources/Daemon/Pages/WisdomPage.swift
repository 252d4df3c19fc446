import Federation

/// The page at `/federation/wisdom`: this node's own numbers and what the peers make of them.
///
/// Its fields stand in contracts/http.md.
struct WisdomPage {
    let status: NodeStatus

    var json: JSONOutput {
        let metrics = status.local.metrics
        let context = status.local.context
        return [
            "peer_gstars": .list(status.report.peerGStars.map(JSONOutput.double)),
            "novelty": .double(status.report.novelty),
            "context": .string(context.rawValue),
            "g0": .double(context.g0),
            "components": metrics.map { Self.json(of: $0.components) } ?? .null,
            "g_star": .number(metrics?.gStar),
            "gamma": .number(metrics?.gamma),
            "stability_margin": .number(metrics?.stabilityMargin),
            // An infinite one is null.
            "hopf_distance": .number(
                metrics.flatMap { $0.isHopfInfinite ? nil : $0.hopfDistance }
            ),
            "spectral_radius": .number(metrics?.spectralRadius),
        ]
    }

    /// P, N and Cc as the source gave them.
    private static func json(of components: Components) -> JSONOutput {
        [
            "progress": .double(components.progress),
            "novelty": .double(components.novelty),
            "consistency": .double(components.consistency),
        ]
    }
}

extension Metrics {
    /// Whether the Hopf distance stands for an infinite one.
    var isHopfInfinite: Bool {
        hopfDistance >= Summary.infiniteHopfDistance
    }
}
