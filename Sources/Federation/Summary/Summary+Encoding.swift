internal import JSON

extension Summary {
    /// What stands on the wire for an infinite Hopf distance, which JSON cannot say.
    package static let infiniteHopfDistance = 1e9

    /// The body that says this, compact, its keys in the contract's order.
    ///
    /// Every number but the Hopf distance must be finite. Numbers have the fewest digits that read
    /// back as the same double.
    package func encoded() -> [UInt8] {
        let hopf = metrics.hopfDistance
        let parts = metrics.components
        let text = """
            {"node_id":\(JSON.quoted(nodeID)),"ts":\(JSON.number(ts)),\
            "version":\(JSON.quoted(version)),"metrics":{\
            "peer_quality":\(JSON.number(metrics.peerQuality)),\
            "stability_margin":\(JSON.number(metrics.stabilityMargin)),\
            "hopf_distance":\(JSON.number(hopf == .infinity ? Self.infiniteHopfDistance : hopf)),\
            "spectral_radius":\(JSON.number(metrics.spectralRadius)),\
            "gamma":\(JSON.number(metrics.gamma)),"g_components":{\
            "progress":\(JSON.number(parts.progress)),\
            "novelty":\(JSON.number(parts.novelty)),\
            "consistency":\(JSON.number(parts.consistency))},\
            "g_star":\(JSON.number(metrics.gStar))},\
            "sig":null,"instance":\(instance.map(JSON.quoted) ?? "null")}
            """
        return Array(text.utf8)
    }
}

extension Metrics {
    /// Whether the Hopf distance stands for an infinite one.
    package var isHopfInfinite: Bool {
        hopfDistance >= Summary.infiniteHopfDistance
    }
}
