import CurlClient
import Federation
import JSON
import Pages
import PeerSync
import Settings
import Timing

/// The result of one pull by the `pull` command.
struct PulledPeer {
    let report: PeerReport
    /// The HTTP status, also of an invalid response.
    let status: Int?

    var isGood: Bool { failure == nil }

    private var failure: Failure? {
        report.state == .down ? report.lastFailure?.failure : nil
    }

    /// Pulls each of `peers` once, all at the same time, and reports in their order.
    static func pullOnce(_ peers: [Peer], settings: Settings) async -> [PulledPeer] {
        var pulls: [Pull] = []
        for (index, peer) in peers.enumerated() { pulls.append(Pull(index: index, peer: peer)) }
        let time = SystemTime()
        var statuses = [Int?](repeating: nil, count: pulls.count)
        var observations: [Observation] = []
        for var pull in await finish(pulls, settings: settings) {
            statuses[pull.index] = pull.status
            // There is no next pull that could replace one that our own delay made time out.
            if case .heldUp(let failure) = pull.result { pull.result = .failed(failure) }
            if let observation = Observation(of: pull, by: time) {
                observations.append(observation)
            }
        }
        observations.sort { $0.index < $1.index }
        let identity = ownIdentity(settings.nodeID, in: observations)
        var ledger = Ledger(identity: identity, window: settings.window)
        for peer in peers { _ = ledger.insert(peer) }
        for observation in observations { _ = ledger.record(observation) }
        let report = Report(of: ledger, at: time.now, scoring: settings.scoring)
        let byPeer = Dictionary(
            report.peers.map { ($0.peer, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return zip(peers, statuses)
            .compactMap { peer, status in
                byPeer[peer].map { PulledPeer(report: $0, status: status) }
            }
    }

    /// The identity of the node of these settings: that of the first peer with the configured id
    /// and an instance.
    ///
    /// Any other peer with that id is a clone. Without a configured id there is neither.
    private static func ownIdentity(
        _ nodeID: String?,
        in observations: [Observation]
    ) -> NodeIdentity {
        var identity = NodeIdentity(nodeID: nodeID ?? "", instance: "")
        for case .success(let summary) in observations.map(\.outcome)
        where identity.origin(of: summary) != .other {
            guard let instance = summary.instance else { continue }
            identity.instance = instance
            break
        }
        return identity
    }

    private static func finish(_ pulls: [Pull], settings: Settings) async -> [FinishedPull] {
        let client: CurlClient
        do throws(SystemError) {
            client = try CurlClient(limits: FetchLimits(settings: settings, keptConnections: 0))
        } catch {
            let failure = Failure(.internal, detail: "\(error)")
            let at = SystemTime().now
            let none = Timings(dns: 0, connect: 0, tls: 0, firstByte: 0, total: 0)
            return pulls.map {
                FinishedPull(index: $0.index, at: at, timings: none, result: .failed(failure))
            }
        }
        let transport = CurlTransport(client: client)
        var finished: [FinishedPull] = []
        await transport.start(pulls, timeout: settings.timeout)
        while finished.count < pulls.count {
            let until = SystemTime().now + .seconds(60)
            finished += await transport.collect(until: until, gathering: .zero)
        }
        return finished
    }
}

extension PulledPeer {
    /// One row as JSON; null for what is unknown, not needed or not reached.
    var json: JSONOutput {
        let times = report.lastTimings
        return [
            "peer": .string(report.peer.label),
            "state": .string(report.state.rawValue),
            "reason": .text(failure?.reason.rawValue),
            "phase": .text(failure?.stage?.rawValue),
            "detail": .text(failure?.detail),
            "identity": .string(report.identity.rawValue),
            "node_id": .text(report.nodeID),
            "version": .text(report.version),
            "status": .count(status),
            "dns_ms": .number(Self.milliseconds(times?.dns)),
            "connect_ms": .number(Self.milliseconds(times?.connect)),
            "tls_ms": .number(Self.milliseconds(times?.tls)),
            "first_byte_ms": .number(Self.milliseconds(times?.firstByte)),
            "total_ms": .number(Self.milliseconds(times?.total)),
            "age_seconds": .number(report.tsAgeSeconds),
            "g_star": .number(report.gStar),
        ]
    }

    /// Milliseconds from the start, to the microsecond.
    private static func milliseconds(_ seconds: Double?) -> Double? {
        seconds.flatMap { $0 > 0 ? ($0 * 1e6).rounded() / 1e3 : nil }
    }

    /// The rows as a table for a terminal, followed by the details of failures.
    static func table(_ rows: [PulledPeer]) -> String {
        var table = TextTable(
            header: [
                "peer", "state", "reason", "node_id", "status", "dns", "connect", "tls",
                "first byte", "total ms", "age s", "G*",
            ])
        for row in rows {
            let times = row.report.lastTimings
            table.add(
                [
                    row.report.peer.label, row.flaggedState, row.reasonAndPhase,
                    row.report.nodeID, row.status.map(String.init),
                ]
                    + [times?.dns, times?.connect, times?.tls, times?.firstByte, times?.total]
                    .map { tenths(milliseconds($0)) } + [
                        tenths(row.report.tsAgeSeconds), row.report.gStar.map { "\($0)" },
                    ]
            )
        }
        let details = rows.compactMap { row in
            row.failure.flatMap {
                $0.detail.isEmpty
                    ? nil : "\(row.report.peer.label): \($0.detail.printable(upTo: 200))"
            }
        }
        return ([table.text] + details).joined(separator: "\n")
    }

    private static func tenths(_ number: Double?) -> String? {
        number.map { "\(($0 * 10).rounded() / 10)" }
    }

    private var flaggedState: String {
        let (state, identity) = (report.state.rawValue, report.identity)
        let isPlain = identity == .ok || identity == .unknown || identity.rawValue == state
        return isPlain ? state : "\(state) (\(identity.rawValue))"
    }

    private var reasonAndPhase: String? {
        failure.map { failure in
            failure.stage.map { "\(failure.reason.rawValue) in \($0.rawValue)" }
                ?? failure.reason.rawValue
        }
    }
}
