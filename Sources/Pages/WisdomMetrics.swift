internal import Exposition
internal import Federation
internal import Settings

/// The metrics of this node's own numbers, and of those derived from its peers.
enum WisdomMetrics {
    static let families = source + numbers + governor

    /// How it goes with the source of the numbers; absent while federation is off and nothing is
    /// asked.
    private static let source: [MetricFamily<Scrape>] = [
        .gauge(
            "nova_federation_source_ok",
            help: "1 unless the local source failed at its last look or its numbers are old"
        ) { $0.status.mode == .off ? nil : $0.status.sourceProblem == nil ? 1 : 0 },
        .gauge("nova_federation_source_age_seconds", help: "Age of this node's own numbers") {
            $0.metrics == nil ? nil : max(0, $0.status.wall - $0.status.local.ts)
        },
    ]

    /// The metrics that exist with every source.
    private static let numbers: [MetricFamily<Scrape>] = [
        .gauge("nova_wisdom_peers", help: "Live peers, one for each distinct node") {
            Double($0.status.report.liveCount)
        },
        .gauge("nova_wisdom_novelty", help: "N: how diverse the live peers' G* are, 0 to 1") {
            $0.status.report.novelty
        },
        .gauge("nova_wisdom_context", help: "0 for solo, 1 for federated") {
            $0.status.local.context == .federated ? 1 : 0
        },
        .gauge("nova_wisdom_generativity", help: "G* of this node, 0 to 1") { $0.metrics?.gStar },
        MetricFamily(
            "nova_wisdom_generativity_components",
            .gauge,
            help: "The components of G*, each 0 to 1"
        ) { scrape, series in
            guard let components = scrape.metrics?.components else { return }
            series.add(consistency, value: components.consistency)
            series.add(novelty, value: components.novelty)
            series.add(progress, value: components.progress)
        },
        .gauge("nova_wisdom_gamma", help: "Wisdom level gamma, 0 to 1") { $0.metrics?.gamma },
        .gauge("nova_wisdom_stability_margin", help: "Stability margin S") {
            $0.metrics?.stabilityMargin
        },
        .gauge(
            "nova_wisdom_hopf_distance",
            help: "Hopf distance H; +Inf without an oscillating mode"
        ) { $0.metrics.map { $0.isHopfInfinite ? .infinity : $0.hopfDistance } },
        .gauge("nova_wisdom_spectral_radius", help: "Spectral radius rho") {
            $0.metrics?.spectralRadius
        },
    ]

    private static let consistency: Labels = ["component": "consistency"]
    private static let novelty: Labels = ["component": "novelty"]
    private static let progress: Labels = ["component": "progress"]

    /// The metrics of the governor of this process, and the cap from a file source.
    private static let governor: [MetricFamily<Scrape>] = [
        .gauge(
            "nova_wisdom_eta_current",
            help: "Learning rate eta, as it entered the last tick"
        ) { $0.wisdom?.eta },
        .gauge(
            "nova_wisdom_eta_bias_from_generativity",
            help: "What generativity would add to eta: kappa (G* - G0)"
        ) { $0.wisdom?.bias },
        .gauge(
            "nova_wisdom_governor_frozen",
            help: "1 while the governor keeps eta because H or S is too small, else 0"
        ) { $0.wisdom.map { $0.isFrozen ? 1 : 0 } },
        .gauge(
            "nova_federation_tri_eta_cap",
            help: "Cap on eta from the TRI coherence of a file source"
        ) { $0.status.local.triEtaCap },
        .gauge(
            "nova_federation_slot07_jobs",
            help: "Jobs that Slot 7 would be allowed at once"
        ) { $0.wisdom.map { Double($0.slotSeven.jobs) } },
        .gauge(
            "nova_federation_slot07_reason",
            help: "Why: 0 baseline, 1 reduced by stability, 2 frozen"
        ) { $0.wisdom.map { Double($0.slotSeven.reason.rawValue) } },
    ]
}

extension Scrape {
    /// This node's own numbers; nil until its source gave any.
    fileprivate var metrics: SummaryNumbers? { status.local.metrics }
    /// The governor's result.
    fileprivate var wisdom: Wisdom? { status.local.wisdom }
}
