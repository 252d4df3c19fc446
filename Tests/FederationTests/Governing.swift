@testable import Federation
@testable import Timing

extension Governor {
    /// A governor with the default constants, except those that a test changes.
    static func usual(
        mode: Context.Mode = .auto,
        minPeers: Int = 2,
        _ change: (inout GovernorConstants) -> Void = { _ in }
    ) -> Governor {
        var constants = GovernorConstants()
        change(&constants)
        return Governor(
            constants: constants,
            context: Context(mode: mode, minPeers: minPeers, hysteresis: .seconds(120))
        )
    }

    /// A tick at some seconds after the zero of the clock.
    mutating func tick(
        at seconds: Double,
        peers: [Double] = [],
        triCoherence: Double? = nil
    ) -> Wisdom {
        tick(at: Instant(seconds: seconds), peerGStars: peers, triCoherence: triCoherence)
    }

    /// Ticks every 15 s from zero on.
    mutating func ticks(_ count: Int, peers: [Double] = []) -> [Wisdom] {
        var wisdoms: [Wisdom] = []
        for index in 0..<count { wisdoms.append(tick(at: Double(index) * 15, peers: peers)) }
        return wisdoms
    }
}

extension Dynamics {
    init(_ a1: Double, _ a2: Double, _ kp: Double, _ kd: Double) {
        self.init()
        self.a1 = a1
        self.a2 = a2
        self.kp = kp
        self.kd = kd
    }

    /// H and the S of the block are 0.01: below the threshold, but not critical.
    static let nearlyOscillating = Dynamics(0.01, 0.1, 0.3, 0.01)
    /// H and the S of the block are 0.005, which is critical.
    static let critical = Dynamics(0.005, 0.1, 0.3, 0.005)
}

extension Stability {
    static func of(
        _ a1: Double,
        _ a2: Double,
        _ kp: Double,
        _ kd: Double,
        eta: Double
    ) -> Stability {
        Stability(of: Dynamics(a1, a2, kp, kd), eta: eta)
    }
}

/// Whether two numbers agree to the six decimals of Nova's traces.
func agreeInSixDecimals(_ left: Double, _ right: Double) -> Bool {
    abs(left - right) <= 5.000_001e-7
}
