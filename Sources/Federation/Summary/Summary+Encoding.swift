internal import JSON

extension Summary {
    /// The wire value of an infinite Hopf distance, which JSON cannot represent.
    package static let infiniteHopfDistance = 1e9

    /// The body of this summary, compact, its keys in the contract's order.
    ///
    /// All numbers except the Hopf distance must be finite: another one becomes null, which peers
    /// reject.
    package func encoded() -> [UInt8] {
        let hopf = metrics.hopfDistance
        let components: JSONOutput = [
            "progress": .double(metrics.components.progress),
            "novelty": .double(metrics.components.novelty),
            "consistency": .double(metrics.components.consistency),
        ]
        let numbers: JSONOutput = [
            "peer_quality": .double(metrics.peerQuality),
            "stability_margin": .double(metrics.stabilityMargin),
            "hopf_distance": .double(hopf == .infinity ? Self.infiniteHopfDistance : hopf),
            "spectral_radius": .double(metrics.spectralRadius),
            "gamma": .double(metrics.gamma),
            "g_components": components,
            "g_star": .double(metrics.gStar),
        ]
        let summary: JSONOutput = [
            "node_id": .string(nodeID),
            "ts": .double(ts),
            "version": .string(version),
            "metrics": numbers,
            "sig": .null,
            "instance": .text(instance),
        ]
        return summary.bytes
    }
}
