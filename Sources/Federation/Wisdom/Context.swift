package import Timing

/// Whether this node is alone or part of a federation, with hysteresis.
///
///     solo ──live peers >= minPeers──▶ federated
///     federated ──fewer, for at least the hysteresis──▶ solo
///     a forced mode ──any observation──▶ the state it names
///
/// Enough peers take effect at once. The return to solo is delayed, so that one bad minute does not
/// change the target.
package struct Context: Hashable, Sendable {
    /// Whether the live peers or the operator decide the state.
    package enum Mode: String, CaseIterable, Sendable {
        case auto, solo, federated
    }

    package enum State: String, CaseIterable, Sendable {
        case solo, federated

        /// G0, the target of the bias; it follows the state in every mode.
        package var g0: Double { self == .solo ? 0.30 : 0.60 }
    }

    package var mode: Mode
    /// The fewest live peers of a federation.
    package var minPeers: Int
    /// How long there must be fewer live peers before the state returns to solo.
    package var hysteresis: Duration
    package internal(set) var state = State.solo
    /// When there were enough peers last; nil if there never were.
    var lastEnough: Instant?

    package init(mode: Mode, minPeers: Int, hysteresis: Duration) {
        self.mode = mode
        self.minPeers = minPeers
        self.hysteresis = hysteresis
    }

    /// Records the number of live peers.
    package mutating func observe(livePeers: Int, at now: Instant) {
        let isEnough = livePeers >= minPeers
        if isEnough { lastEnough = now }
        switch mode {
        case .solo: state = .solo
        case .federated: state = .federated
        case .auto where isEnough: state = .federated
        case .auto:
            if let lastEnough, now - lastEnough < hysteresis { break }
            state = .solo
        }
    }
}
