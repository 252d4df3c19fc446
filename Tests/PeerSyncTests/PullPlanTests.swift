import PeerSync
import Testing

@testable import Federation

@Suite struct `The plan` {
    @Test(arguments: [
        (timeout: 2.5, interval: 30.0, deadline: 2.5), (30, 30, 29.95), (1, 1, 0.95),
        (0.95, 1, 0.95), (0.96, 1, 0.95), (0.2, 0.2, 0.16), (0.1, 0.1, 0.08), (0.05, 0.1, 0.05),
    ])
    func `a pull ends at its timeout, and always before the next slot`(
        timeout: Double,
        interval: Double,
        deadline: Double
    ) {
        let plan = PullPlan(
            peers: [],
            interval: .seconds(interval),
            timeout: .seconds(timeout),
            maxInFlight: 1,
            window: .seconds(300)
        )
        #expect(abs(plan.deadline / .seconds(1) - deadline) < 1e-9)
    }
}
