package import Federation
internal import Timing

extension Settings {
    /// The settings of the pull loop.
    package var pullPlan: PullPlan {
        var plan = PullPlan(
            peers: mode == .peerSync ? peers : [],
            interval: interval,
            timeout: timeout,
            maxInFlight: maxInFlight,
            window: window,
            staleAfter: staleAfter
        )
        plan.downAfter = downAfter
        return plan
    }

    /// The settings of scoring.
    package var scoring: Scoring {
        Scoring(
            weights: qualityWeights,
            latencyCapSeconds: latencyCap.inSeconds,
            freshnessTauSeconds: freshnessTau.inSeconds,
            maxAge: maxAge,
            window: window,
            minPeerQuality: minPeerQuality,
            minGoodPeers: minGoodPeers
        )
    }

    /// How long the listener keeps an idle connection: three intervals, at least 120 seconds.
    ///
    /// It must be well above the interval of every peer. If a listener closes a connection while a
    /// client reuses it, that request fails.
    package var listenerIdleTimeout: Duration { max(.seconds(120), interval * 3) }

    /// Pulls in flight while all peers are dead: each occupies timeout / interval of one.
    var inFlightIfAllDead: Double { Double(peers.count) * timeout.inSeconds / interval.inSeconds }

    /// Twice the pulls in flight while all peers are dead, and at least 256.
    var wantedInFlight: Int { max(256, Int((2 * inFlightIfAllDead).rounded(.up))) }

    /// How many peers may be dead without delaying others.
    var tolerableDeadPeers: Int {
        Int(Double(maxInFlight) * interval.inSeconds / timeout.inSeconds)
    }
}
