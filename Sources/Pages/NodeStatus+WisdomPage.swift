internal import Federation
package import JSON

extension NodeStatus {
    /// The page at `/federation/wisdom`: this node's own numbers and those derived from its peers.
    ///
    /// All of it is from the last tick, so G* and context match the peers on the same page.
    /// contracts/http.md describes the fields.
    package var wisdomPage: JSONOutput { .object(numbers + governor) }

    /// The fields that exist with every source.
    private var numbers: [(key: String, value: JSONOutput)] {
        let novelty = local.novelty
        let influences = Influence.ranked(local.countedPeers, novelty: novelty)
        let metrics = local.metrics
        let hopfDistance = metrics.flatMap { $0.isHopfInfinite ? nil : $0.hopfDistance }
        return [
            ("peer_gstars", .list(local.peerGStars.map(JSONOutput.double))),
            ("novelty", .double(novelty)),
            ("novelty_robust", .double(Novelty.robust(local.peerGStars))),
            ("influence", .list(influences.map(\.json))),
            ("context", .string(local.context.rawValue)),
            ("g0", .double(local.context.g0)),
            ("components", metrics?.components.json ?? .null),
            ("g_star", .number(metrics?.gStar)),
            ("gamma", .number(metrics?.gamma)),
            ("stability_margin", .number(metrics?.stabilityMargin)),
            ("hopf_distance", .number(hopfDistance)),
            ("spectral_radius", .number(metrics?.spectralRadius)),
        ]
    }

    /// The fields of the builtin governor, and the cap from a file source.
    private var governor: [(key: String, value: JSONOutput)] {
        let cap = JSONOutput.number(local.triEtaCap)
        guard let wisdom = local.wisdom else {
            return local.triEtaCap == nil ? [] : [("tri_eta_cap", cap)]
        }
        return [
            ("eta", .double(wisdom.eta)),
            ("bias", .double(wisdom.bias)),
            ("regime", .string(wisdom.regimeName)),
            ("tri_eta_cap", cap),
            ("slot07_jobs", .integer(wisdom.slotSeven.jobs)),
            ("slot07_reason", .string(wisdom.slotSeven.reason.word)),
        ]
    }
}

extension Influence {
    fileprivate var json: JSONOutput {
        [
            "node_id": .string(peer.nodeID),
            "peer": .string(peer.label),
            "g_star": .double(peer.gStar),
            "novelty_without": .double(noveltyWithout),
            "influence": .double(influence),
        ]
    }
}

extension Components {
    fileprivate var json: JSONOutput {
        [
            "progress": .double(progress),
            "novelty": .double(novelty),
            "consistency": .double(consistency),
        ]
    }
}

extension SlotSevenCap.Reason {
    /// The name on the page; the metric has the code.
    fileprivate var word: String {
        switch self {
        case .baseline: "baseline"
        case .reducedByStability: "stability_reduced"
        case .frozen: "frozen"
        }
    }
}
