internal import Federation

extension Settings {
    /// The rules between the constants of the governor.
    static let governorRules = [
        order("NOVA_WISDOM_CRITICAL_MARGIN", below: "NOVA_WISDOM_STABILIZING_MARGIN") {
            ($0.thresholds.criticalMargin, $0.thresholds.stabilizingMargin)
        },
        order("NOVA_WISDOM_STABILIZING_MARGIN", below: "NOVA_WISDOM_OPTIMAL_MARGIN") {
            ($0.thresholds.stabilizingMargin, $0.thresholds.optimalMargin)
        },
        order("NOVA_WISDOM_OPTIMAL_MARGIN", below: "NOVA_WISDOM_EXPLORING_MARGIN") {
            ($0.thresholds.optimalMargin, $0.thresholds.exploringMargin)
        },
        order("NOVA_WISDOM_EXPLORING_G", atMost: "NOVA_WISDOM_OPTIMAL_G") {
            ($0.thresholds.exploringGStar, $0.thresholds.optimalGStar)
        },
        order("NOVA_WISDOM_CRITICAL_MARGIN", atMost: "NOVA_WISDOM_ETA_MIN") {
            ($0.thresholds.criticalMargin, $0.eta.least)
        },
        order("NOVA_WISDOM_ETA_MIN", atMost: "NOVA_WISDOM_ETA_MAX") {
            ($0.eta.least, $0.eta.most)
        },
        initialEta,
        order("NOVA_TRI_COHERENCE_LOW", below: "NOVA_TRI_COHERENCE_HIGH") {
            ($0.triEtaCap.lowCoherence, $0.triEtaCap.highCoherence)
        },
        order("NOVA_TRI_ETA_CAP_LOW", atMost: "NOVA_TRI_ETA_CAP_HIGH") {
            ($0.triEtaCap.lowCap, $0.triEtaCap.highCap)
        },
        order("NOVA_WISDOM_CRITICAL_MARGIN", atMost: "NOVA_TRI_ETA_CAP_LOW") {
            ($0.thresholds.criticalMargin, $0.triEtaCap.lowCap)
        },
    ]

    /// Checked only if minimum and maximum are in order; otherwise that is the fault.
    private static let initialEta = Rule(
        keys: ["NOVA_WISDOM_ETA_DEFAULT", "NOVA_WISDOM_ETA_MIN", "NOVA_WISDOM_ETA_MAX"]
    ) {
        let eta = $0.governor.eta
        guard eta.least <= eta.most, eta.clamp(eta.initial) != eta.initial else { return nil }
        return "allowed: NOVA_WISDOM_ETA_MIN to NOVA_WISDOM_ETA_MAX, "
            + "\(eta.least.words) to \(eta.most.words)"
    }

    /// The first value must be less than the second.
    private static func order(
        _ lower: String,
        below upper: String,
        _ pair: @escaping @Sendable (GovernorConstants) -> (Double, Double)
    ) -> Rule {
        Rule(keys: [lower, upper]) {
            let (low, high) = pair($0.governor)
            return low < high
                ? nil
                : "allowed: \(lower) below \(upper); they are \(low.words) and \(high.words)"
        }
    }

    /// The first value must be at most the second.
    private static func order(
        _ lower: String,
        atMost upper: String,
        _ pair: @escaping @Sendable (GovernorConstants) -> (Double, Double)
    ) -> Rule {
        Rule(keys: [lower, upper]) {
            let (low, high) = pair($0.governor)
            return low <= high
                ? nil
                : "allowed: \(lower) at most \(upper); they are \(low.words) and \(high.words)"
        }
    }
}
