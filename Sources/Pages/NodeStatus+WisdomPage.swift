internal import Federation
package import JSON

/// The page at `/federation/wisdom`: this node's own numbers and those derived from its peers.
///
/// All of it is from the last tick, so G* and context match the peers on the same page.
/// contracts/http.md describes the fields.
package struct WisdomPage {
    let status: NodeStatus

    package init(status: NodeStatus) { self.status = status }

    package var json: JSONOutput {
        .object(numbers + governor)
    }

    /// The fields that exist with every source.
    private var numbers: [(key: String, value: JSONOutput)] {
        let metrics = status.local.metrics
        let context = status.local.context
        return [
            ("peer_gstars", .list(status.local.peerGStars.map(JSONOutput.double))),
            ("novelty", .double(status.local.novelty)),
            ("context", .string(context.rawValue)),
            ("g0", .double(context.g0)),
            ("components", metrics.map { Self.json(of: $0.components) } ?? .null),
            ("g_star", .number(metrics?.gStar)),
            ("gamma", .number(metrics?.gamma)),
            ("stability_margin", .number(metrics?.stabilityMargin)),
            // An infinite one is null.
            (
                "hopf_distance",
                .number(metrics.flatMap { $0.isHopfInfinite ? nil : $0.hopfDistance })
            ),
            ("spectral_radius", .number(metrics?.spectralRadius)),
        ]
    }

    /// The fields of the governor of this process, and the cap from a file source.
    private var governor: [(key: String, value: JSONOutput)] {
        let cap = JSONOutput.number(status.local.triEtaCap)
        guard let wisdom = status.local.wisdom else {
            return status.local.triEtaCap == nil ? [] : [("tri_eta_cap", cap)]
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

    /// P, N and Cc of the source.
    private static func json(of components: Components) -> JSONOutput {
        [
            "progress": .double(components.progress),
            "novelty": .double(components.novelty),
            "consistency": .double(components.consistency),
        ]
    }
}

extension SlotSevenCap.Reason {
    /// For a page; the metric carries the code.
    fileprivate var word: String {
        switch self {
        case .baseline: "baseline"
        case .reducedByStability: "stability_reduced"
        case .frozen: "frozen"
        }
    }
}
