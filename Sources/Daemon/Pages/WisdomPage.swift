import Federation

/// The page at `/federation/wisdom`: this node's own numbers and what the peers make of them.
///
/// Its fields stand in contracts/http.md.
struct WisdomPage: Encodable {
    var peerGStars: [Double]
    var novelty: Double
    var context: String
    var g0: Double
    var components: Nullable<ComponentsPart>
    var gStar: Nullable<Double>
    var gamma: Nullable<Double>
    var stabilityMargin: Nullable<Double>
    /// Null if infinite.
    var hopfDistance: Nullable<Double>
    var spectralRadius: Nullable<Double>

    enum CodingKeys: String, CodingKey {
        case peerGStars = "peer_gstars"
        case novelty
        case context
        case g0
        case components
        case gStar = "g_star"
        case gamma
        case stabilityMargin = "stability_margin"
        case hopfDistance = "hopf_distance"
        case spectralRadius = "spectral_radius"
    }

    /// P, N and Cc as the source gave them.
    struct ComponentsPart: Encodable {
        var progress: Double
        var novelty: Double
        var consistency: Double
    }

    init(of status: NodeStatus) {
        let metrics = status.local.metrics
        peerGStars = status.report.peerGStars
        novelty = status.report.novelty
        context = status.local.context.rawValue
        g0 = status.local.context.g0
        components = Nullable(
            metrics.map {
                ComponentsPart(
                    progress: $0.components.progress,
                    novelty: $0.components.novelty,
                    consistency: $0.components.consistency
                )
            }
        )
        gStar = Nullable(metrics?.gStar)
        gamma = Nullable(metrics?.gamma)
        stabilityMargin = Nullable(metrics?.stabilityMargin)
        hopfDistance = Nullable(metrics.flatMap { $0.isHopfInfinite ? nil : $0.hopfDistance })
        spectralRadius = Nullable(metrics?.spectralRadius)
    }
}

extension Metrics {
    /// Whether the Hopf distance stands for an infinite one.
    var isHopfInfinite: Bool {
        hopfDistance >= Summary.infiniteHopfDistance
    }
}
