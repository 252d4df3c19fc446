import CurlClient
import Federation
import PeerSync
import Settings
import Timing

/// A Nova orchestrator, or anything that serves a summary, whose numbers this node publishes.
///
/// It is pulled with the client, the deadline and the validation of any peer.
struct OrchestratorSource<Time: Timekeeper>: SummarySource {
    private let transport: CurlTransport
    private let inForce: SettingsInForce
    private let pull: Pull
    private let reader: NodeIdentity
    private let time: Time

    /// A source at `peer` for the node `reader`.
    init(
        peer: Peer,
        reader: NodeIdentity,
        inForce: SettingsInForce,
        time: Time
    ) throws(SystemError) {
        let limits = FetchLimits(settings: inForce.settings, keptConnections: 1)
        let client = try CurlClient(limits: limits)
        self.inForce = inForce
        transport = CurlTransport(client: client)
        pull = Pull(index: 0, peer: peer)
        self.reader = reader
        self.time = time
    }

    func read() async -> SourceReading? {
        let settings = inForce.settings
        // The response must arrive before the next read.
        let deadline = PullPlan.deadline(
            timeout: settings.timeout,
            interval: settings.pollInterval
        )
        await transport.start([pull], timeout: deadline)
        var finished: [FinishedPull] = []
        while finished.isEmpty, !Task.isCancelled {
            // Longer than any deadline, which ends a pull before.
            finished = await transport.collect(until: time.now + .seconds(120), gathering: .zero)
        }
        // A pull without a result, because of our own delay or stop, changes nothing.
        guard let last = finished.last, let observation = Observation(of: last, by: time)
        else { return nil }
        switch observation.outcome {
        // The orchestrator may share our node id, as they share a node; never our instance.
        case .success(let summary) where reader.origin(of: summary) == .itself:
            return .failure(.isReader)
        case .success(let summary):
            return .success(SourceNumbers(metrics: summary.metrics, ts: summary.ts))
        case .failure(let failure): return .failure(.notPulled(failure))
        }
    }
}
