package import Federation
internal import Timing

extension Settings {
    /// The settings of the pull loop.
    package var pullPlan: PullPlan {
        PullPlan(
            peers: mode == .peerSync ? peers : [],
            interval: interval,
            timeout: timeout,
            maxInFlight: maxInFlight,
            window: window
        )
    }

    /// The settings of scoring.
    package var scoring: Scoring {
        Scoring(
            weights: Weights(
                success: successWeight,
                latency: latencyWeight,
                freshness: freshnessWeight
            ),
            latencyCapSeconds: latencyCap.inSeconds,
            freshnessTauSeconds: freshnessTau.inSeconds,
            maxAge: maxAge,
            window: window,
            interval: interval,
            minPeerQuality: minPeerQuality,
            minGoodPeers: minGoodPeers
        )
    }
}
