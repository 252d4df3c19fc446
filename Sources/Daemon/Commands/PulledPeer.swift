import CurlClient
import Federation
import FoundationEssentials
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

    /// Pulls all peers once, at the same time; the results have the order of `peers`.
    static func pullOnce(_ peers: [Peer], _ loaded: LoadedSettings) async -> [PulledPeer] {
        let pulls = peers.enumerated().map { Pull(index: $0.offset, peer: $0.element) }
        let (time, settings) = (SystemTime(), loaded.settings)
        let finished = await finish(pulls, loaded).sorted { $0.index < $1.index }
        let observations = finished.compactMap { pull in
            var pull = pull
            // No later pull replaces one that timed out because this process was delayed.
            if case .heldUp(let failure) = pull.result { pull.result = .failed(failure) }
            return Observation(of: pull, by: time)
        }
        // The first peer with the configured id and an instance is this node, another a clone.
        var identity = NodeIdentity(nodeID: settings.nodeID ?? "", instance: "")
        let summaries = observations.lazy.compactMap { try? $0.outcome.get() }
        let ours = summaries.first { identity.origin(of: $0) != .other && $0.instance != nil }
        identity.instance = ours?.instance ?? ""
        var ledger = Ledger(
            identity: identity,
            window: settings.window,
            // Each peer is pulled once, so no failure waits for another pull.
            interval: .zero
        )
        for peer in peers { _ = ledger.insert(peer) }
        for observation in observations { _ = ledger.record(observation) }
        let report = Report(of: ledger, at: time.now, scoring: settings.scoring)
        let reports = Dictionary(report.peers.map { ($0.peer, $0) }) { first, _ in first }
        return zip(peers, finished)
            .compactMap { peer, pull in
                reports[peer].map { PulledPeer(report: $0, status: pull.status) }
            }
    }

    private static func finish(_ pulls: [Pull], _ loaded: LoadedSettings) async -> [FinishedPull] {
        let client: CurlClient
        do throws(SystemError) {
            client = try CurlClient(limits: FetchLimits(loaded, keptConnections: 0))
        } catch {
            let failed = FinishedPull.Result.failed(Failure(.internal, detail: "\(error)"))
            let none = Timings(dns: 0, connect: 0, tls: 0, firstByte: 0, total: 0)
            let now = SystemTime().now
            return pulls.map { .init(index: $0.index, at: now, timings: none, result: failed) }
        }
        let transport = CurlTransport(client: client)
        var finished: [FinishedPull] = []
        await transport.start(pulls, timeout: loaded.settings.timeout)
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
            "tls": report.certificate?.json ?? .null,
        ]
    }

    /// Milliseconds from the start, to the microsecond.
    private static func milliseconds(_ seconds: Double?) -> Double? {
        seconds.flatMap { $0 > 0 ? ($0 * 1e6).rounded() / 1e3 : nil }
    }

    /// The rows as a table for a terminal, followed by certificates and by the details of failures.
    static func table(_ rows: [PulledPeer]) -> String {
        var table = TextTable(
            header: [
                "peer", "state", "reason", "node_id", "status", "dns", "connect", "tls",
                "first byte", "total ms", "age s", "G*",
            ])
        for row in rows {
            let report = row.report
            let times = report.lastTimings
            let seconds = [times?.dns, times?.connect, times?.tls, times?.firstByte, times?.total]
            table.add(
                [
                    report.peer.label, row.flaggedState, row.failure?.reasonAndStage,
                    report.nodeID, row.status.map(String.init),
                ] + seconds.map { tenths(milliseconds($0)) }
                    + [tenths(report.tsAgeSeconds), report.gStar.map { "\($0)" }]
            )
        }
        let details = rows.compactMap { row -> String? in
            guard let detail = row.failure?.detail, !detail.isEmpty else { return nil }
            return "\(row.report.peer.label): \(detail.printable(upTo: 200))"
        }
        let certificates = rows.compactMap { row in
            row.report.certificate.map { "\(row.report.peer.label): \($0.words)" }
        }
        return ([table.text] + certificates + details).joined(separator: "\n")
    }

    private static func tenths(_ number: Double?) -> String? {
        number.map { "\(($0 * 10).rounded() / 10)" }
    }

    private var flaggedState: String {
        let (state, identity) = (report.state.rawValue, report.identity)
        let isPlain = identity == .ok || identity == .unknown || identity.rawValue == state
        return isPlain ? state : "\(state) (\(identity.rawValue))"
    }
}

extension PeerCertificate {
    fileprivate var json: JSONOutput {
        [
            "version": .string(tlsVersion),
            "subject": .string(subject),
            "issuer": .string(issuer),
            "expires": .number(expires),
        ]
    }

    /// Such as `TLSv1.3, certificate CN=n3, issued by CN=ca, expires 2027-01-31T12:00:00Z`.
    fileprivate var words: String {
        let end = expires.map { Date(timeIntervalSince1970: $0).formatted(.iso8601) } ?? "unknown"
        return "\(tlsVersion), certificate \(subject), issued by \(issuer), expires \(end)"
    }
}
