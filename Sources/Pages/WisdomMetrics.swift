internal import Exposition
internal import Federation
internal import Settings

/// The metrics of this node's own numbers, and of those derived from its peers.
enum WisdomMetrics {
    static let families: [MetricFamily<Scrape>] = [
        // The source of the numbers; absent while federation is off, because nothing is read then.
        .gauge(
            "nova_federation_source_ok",
            help: "0 if the last read of the local source failed or its numbers are old, else 1"
        ) { $0.status.mode == .off ? nil : $0.status.sourceProblem == nil ? 1 : 0 },
        .gauge("nova_federation_source_age_seconds", help: "Age of this node's own numbers") {
            $0.metrics == nil ? nil : max(0, $0.status.wall - $0.status.local.ts)
        },
        // These exist with every source.
        .gauge("nova_wisdom_peers", help: "Live peers, one for each distinct node") {
            Double($0.status.report.liveCount)
        },
        .gauge("nova_wisdom_novelty", help: "Novelty N: diversity of the live peers' G*, 0 to 1") {
            $0.status.report.novelty
        },
        .gauge(
            "nova_wisdom_novelty_robust",
            help: "Robust N: scaled median deviation of the live peers' G*, 0 to 1"
        ) { Novelty.robust($0.status.report.peerGStars) },
        .gauge(
            "nova_wisdom_novelty_influence_max",
            help: "Largest change of N if one live peer is left out, 0 to 1"
        ) { Novelty.largestInfluence(in: $0.status.report.peerGStars) },
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
        // The builtin governor, and the cap from a file source.
        .gauge(
            "nova_wisdom_eta_current",
            help: "Learning rate eta at the start of the last tick"
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
            help: "Concurrent jobs that Slot 7 would be allowed"
        ) { $0.wisdom.map { Double($0.slotSeven.jobs) } },
        .gauge(
            "nova_federation_slot07_reason",
            help: "Reason for the number of jobs: 0 baseline, 1 reduced by stability, 2 frozen"
        ) { $0.wisdom.map { Double($0.slotSeven.reason.rawValue) } },
    ]

    private static let consistency: Labels = ["component": "consistency"]
    private static let novelty: Labels = ["component": "novelty"]
    private static let progress: Labels = ["component": "progress"]
}

extension Scrape {
    fileprivate var metrics: SummaryNumbers? { status.local.metrics }
    fileprivate var wisdom: Wisdom? { status.local.wisdom }
}
