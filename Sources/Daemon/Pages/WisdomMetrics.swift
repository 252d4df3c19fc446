import Exposition
import Federation

/// The series of this node's own numbers, and of what its peers make of them.
struct WisdomMetrics {
    private let status: NodeStatus

    init(_ status: NodeStatus) {
        self.status = status
    }

    var families: [MetricFamily] {
        source + numbers + governor
    }

    /// How it goes with the source of the numbers; absent while federation is off and nothing is
    /// asked.
    private var source: [MetricFamily] {
        let local = status.local
        return [
            .gauge(
                "nova_federation_source_ok",
                status.mode == .off ? nil : local.problem == nil ? 1 : 0,
                help: "1 unless the local source failed at its last look or its numbers are old"
            ),
            .gauge(
                "nova_federation_source_age_seconds",
                local.metrics.map { _ in max(0, status.wall - local.ts) },
                help: "Age of this node's own numbers"
            ),
        ]
    }

    /// What every source gives, and what the peers make of it.
    private var numbers: [MetricFamily] {
        let metrics = status.local.metrics
        return [
            .gauge(
                "nova_wisdom_peers",
                Double(status.report.liveCount),
                help: "Live peers, one for each distinct node"
            ),
            .gauge(
                "nova_wisdom_novelty",
                status.report.novelty,
                help: "N: how diverse the live peers' G* are, 0 to 1"
            ),
            .gauge(
                "nova_wisdom_context",
                status.local.context == .federated ? 1 : 0,
                help: "0 for solo, 1 for federated"
            ),
            .gauge("nova_wisdom_generativity", metrics?.gStar, help: "G* of this node, 0 to 1"),
            MetricFamily(
                "nova_wisdom_generativity_components",
                help: "The components of G*, each 0 to 1",
                .gauge(components)
            ),
            .gauge("nova_wisdom_gamma", metrics?.gamma, help: "Wisdom level gamma, 0 to 1"),
            .gauge(
                "nova_wisdom_stability_margin",
                metrics?.stabilityMargin,
                help: "Stability margin S"
            ),
            .gauge(
                "nova_wisdom_hopf_distance",
                metrics.map { $0.isHopfInfinite ? .infinity : $0.hopfDistance },
                help: "Hopf distance H; +Inf without an oscillating mode"
            ),
            .gauge(
                "nova_wisdom_spectral_radius",
                metrics?.spectralRadius,
                help: "Spectral radius rho"
            ),
        ]
    }

    /// What only the governor of this process knows, and the cap that a file source gives.
    private var governor: [MetricFamily] {
        let wisdom = status.local.wisdom
        return [
            .gauge(
                "nova_wisdom_eta_current",
                wisdom?.eta,
                help: "Learning rate eta, as it entered the last tick"
            ),
            .gauge(
                "nova_wisdom_eta_bias_from_generativity",
                wisdom?.bias,
                help: "What generativity would add to eta: kappa (G* - G0)"
            ),
            .gauge(
                "nova_wisdom_governor_frozen",
                wisdom.map { $0.isFrozen ? 1 : 0 },
                help: "1 while the governor keeps eta because H or S is too small, else 0"
            ),
            .gauge(
                "nova_federation_tri_eta_cap",
                status.local.triEtaCap,
                help: "Cap on eta from the TRI coherence of a file source"
            ),
            .gauge(
                "nova_federation_slot07_jobs",
                wisdom.map { Double($0.slotSeven.jobs) },
                help: "Jobs that Slot 7 would be allowed at once"
            ),
            .gauge(
                "nova_federation_slot07_reason",
                wisdom.map { Double($0.slotSeven.reason.rawValue) },
                help: "Why: 0 baseline, 1 reduced by stability, 2 frozen"
            ),
        ]
    }

    private var components: [MetricSample] {
        guard let components = status.local.metrics?.components else { return [] }
        return [
            ("consistency", components.consistency), ("novelty", components.novelty),
            ("progress", components.progress),
        ]
        .map { MetricSample([Label("component", $0)], $1) }
    }
}
