import CurlClient
import Federation
import PeerSync
import Settings
import Timing

/// A Nova orchestrator, or anything that serves a summary, whose numbers this node publishes.
///
/// It is pulled like a peer: same client, deadline and validation.
struct OrchestratorSource<Time: Timekeeper>: SummarySource {
    private let transport: CurlTransport
    private let inForce: SettingsInForce
    private let pull: Pull
    private let reader: NodeIdentity
    private let time: Time

    /// A source at `peer` for the node `reader`.
    init(
        _ peer: Peer,
        reader: NodeIdentity,
        inForce: SettingsInForce,
        time: Time
    ) throws(SystemError) {
        let limits = FetchLimits(inForce.loaded, keptConnections: 1)
        transport = CurlTransport(client: try CurlClient(limits: limits))
        pull = Pull(index: 0, peer: peer)
        (self.reader, self.inForce, self.time) = (reader, inForce, time)
    }

    func read() async -> SourceReading? {
        let loaded = inForce.loaded
        let settings = loaded.settings
        await transport.client.setLimits(FetchLimits(loaded, keptConnections: 1))
        // The response must arrive before the next read.
        let (timeout, interval) = (settings.timeout, settings.pollInterval)
        let deadline = PullPlan.deadline(timeout: timeout, interval: interval)
        await transport.start([pull], timeout: deadline)
        var finished: [FinishedPull] = []
        while finished.isEmpty, !Task.isCancelled {
            // Longer than any deadline of a pull.
            finished = await transport.collect(until: time.now + .seconds(120), gathering: .zero)
        }
        // Without a result, because this process was delayed or is stopping, nothing changes.
        guard let last = finished.last, let observation = Observation(of: last, by: time)
        else { return nil }
        switch observation.outcome {
        // The orchestrator may have our node id, because it is the same node, but not our instance.
        case .success(let summary) where reader.origin(of: summary) == .itself:
            return .failure(.isReader)
        case .success(let summary):
            return .success(SourceNumbers(metrics: summary.metrics, ts: summary.ts))
        case .failure(let failure): return .failure(.notPulled(failure))
        }
    }
}
