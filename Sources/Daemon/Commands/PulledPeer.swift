import CurlClient
import Federation
import FoundationEssentials
import PeerSync

/// What one pull by hand came to.
struct PulledPeer: Encodable {
    var peer: String
    var state: String
    var reason: Nullable<String>
    var phase: Nullable<String>
    var detail: Nullable<String>
    var identity: String
    var nodeID: Nullable<String>
    var version: Nullable<String>
    var status: Nullable<Int>
    /// Milliseconds from the start; null for what was not needed or not reached.
    var dns: Nullable<Double>
    var connect: Nullable<Double>
    var tls: Nullable<Double>
    var firstByte: Nullable<Double>
    var total: Nullable<Double>
    /// Seconds since the peer fixed its numbers, by both clocks.
    var age: Nullable<Double>
    var gStar: Nullable<Double>

    enum CodingKeys: String, CodingKey {
        case peer
        case state
        case reason
        case phase
        case detail
        case identity
        case nodeID = "node_id"
        case version
        case status
        case dns = "dns_ms"
        case connect = "connect_ms"
        case tls = "tls_ms"
        case firstByte = "first_byte_ms"
        case total = "total_ms"
        case age = "age_seconds"
        case gStar = "g_star"
    }

    var isGood: Bool { reason.value == nil }

    init(_ report: PeerReport, status: Int?) {
        let failure = report.state == .down ? report.lastFailure?.failure : nil
        peer = report.peer.label
        state = report.state.rawValue
        reason = Nullable(failure?.reason.rawValue)
        phase = Nullable(failure?.phase?.rawValue)
        detail = Nullable(failure?.detail)
        identity = report.identity.rawValue
        nodeID = Nullable(report.nodeID)
        version = Nullable(report.version)
        self.status = Nullable(status)
        let timings = report.lastTimings
        dns = Self.milliseconds(timings?.dns)
        connect = Self.milliseconds(timings?.connect)
        tls = Self.milliseconds(timings?.tls)
        firstByte = Self.milliseconds(timings?.firstByte)
        total = Self.milliseconds(timings?.total)
        age = Nullable(report.tsAgeSeconds)
        gStar = Nullable(report.gStar)
    }

    private static func milliseconds(_ seconds: Double?) -> Nullable<Double> {
        Nullable(seconds.flatMap { $0 > 0 ? ($0 * 1e6).rounded() / 1e3 : nil })
    }

    /// Pulls each of `peers` once, all at the same time, and reports in their order.
    static func pullOnce(_ peers: [Peer], settings: Settings) async -> [PulledPeer] {
        // Only a configured id is known here; without one no peer is taken for this node.
        let identity = NodeIdentity(nodeID: settings.nodeID ?? "", instance: "")
        var ledger = Ledger(identity: identity, window: settings.window)
        let pulls = peers.map { Pull(slot: ledger.insert($0), peer: $0) }
        let time = SystemTime()
        var statuses = [Int?](repeating: nil, count: pulls.count)
        for ended in await exchange(pulls, settings: settings) {
            statuses[ended.slot] = ended.status
            _ = ledger.record(Observation(of: ended, by: time) ?? heldUp(ended, by: time))
        }
        let report = Report(of: ledger, at: time.now, scoring: settings.scoring)
        let byPeer = Dictionary(
            report.peers.map { ($0.peer, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return pulls.compactMap { pull in
            byPeer[pull.peer].map { PulledPeer($0, status: statuses[pull.slot]) }
        }
    }

    private static func exchange(_ pulls: [Pull], settings: Settings) async -> [Ended] {
        guard let client = try? CurlClient(limits: Limits(settings: settings, keptConnections: 0))
        else {
            let failure = Failure(.internal, detail: "this process may open no more files")
            let at = SystemTime().now
            let none = Timings(dns: 0, connect: 0, tls: 0, firstByte: 0, total: 0)
            return pulls.map {
                Ended(slot: $0.slot, at: at, timings: none, result: .failed(failure))
            }
        }
        let transport = CurlTransport(client: client, timeout: settings.timeout)
        var ended: [Ended] = []
        var starting = pulls
        while ended.count < pulls.count {
            let until = SystemTime().now + .seconds(60)
            ended += await transport.exchange(starting: starting, until: until)
            starting = []
        }
        return ended
    }

    /// A pull by hand has no next time: one that timed out while we were held up has failed.
    private static func heldUp(_ ended: Ended, by time: SystemTime) -> Observation {
        let detail = "this process itself was held up"
        return Observation(of: ended, .failure(Failure(.timedOut, detail: detail)), by: time)
    }

    /// The rows as JSON.
    static func json(_ rows: [PulledPeer]) -> String {
        String(decoding: JSONText.bytes(of: rows), as: UTF8.self)
    }

    /// The rows as a table for a terminal.
    static func table(_ rows: [PulledPeer]) -> String {
        var table = TextTable(
            header: [
                "peer", "state", "reason", "node_id", "status", "dns", "connect", "tls",
                "first byte", "total ms", "age s", "G*",
            ])
        for row in rows {
            table.add([
                row.peer, row.flaggedState, row.reasonAndPhase, row.nodeID.value,
                row.status.value.map(String.init), text(row.dns), text(row.connect),
                text(row.tls), text(row.firstByte), text(row.total), text(row.age),
                row.gStar.value.map { "\($0)" },
            ])
        }
        let details = rows.compactMap { row in row.detail.value.map { "\(row.peer): \($0)" } }
        return ([table.text] + details).joined(separator: "\n")
    }

    private static func text(_ number: Nullable<Double>) -> String? {
        number.value.map { "\(($0 * 10).rounded() / 10)" }
    }

    private var flaggedState: String {
        identity == "ok" || identity == "unknown" ? state : "\(state) (\(identity))"
    }

    private var reasonAndPhase: String? {
        reason.value.map { reason in phase.value.map { "\(reason) in \($0)" } ?? reason }
    }
}
