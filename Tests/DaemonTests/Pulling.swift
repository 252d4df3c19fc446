import Federation
import PeerSync
import TestSupport

@testable import Timing

/// An actor whose executor a store can run on.
actor Host {}

extension PullPlan {
    /// A plan of `count` peers, pulled every 30 s.
    static func peers(_ count: Int) -> PullPlan {
        PullPlan(
            peers: (0..<count)
                .map { number in
                    Peer(
                        label: "p\(number)",
                        scheme: .http,
                        host: "p\(number)",
                        port: 8_100,
                        pathPrefix: ""
                    )
                },
            interval: .seconds(30),
            timeout: .seconds(2),
            maxInFlight: 256,
            window: .seconds(300)
        )
    }
}

extension Observation {
    /// A good pull that ended at `received`; each peer has its own node id.
    static func good(
        _ index: Peer.Index,
        at received: Instant,
        gStar: Double = 0.3
    ) -> Observation {
        var metrics = SummaryNumbers.resting
        metrics.gStar = gStar
        return Observation(
            index: index,
            received: received,
            wall: PageSpecimen.epoch,
            timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: 0.01, total: 0.02),
            outcome: .success(
                Summary(
                    nodeID: "node-\(index)",
                    ts: PageSpecimen.epoch,
                    version: "1",
                    metrics: metrics,
                    instance: nil
                )
            )
        )
    }
}
