import Exposition
import Federation
import Host
import MicroHTTPServer
import Pages
import Settings
import Trust

/// The counters that a scrape adds to the status; from any thread.
struct Instruments: Sendable {
    let requests = RequestCounts()
    let pages = PageCounts()
    let listener = ListenerCounts()
    /// Unix seconds at which the process started.
    let startedWall: Double
    let events: EventLog
    let inForce: SettingsInForce
    /// Nil without a state directory.
    let keeper: StateKeeper?
    let droppedRecords: @Sendable () -> Int

    private static let refusals: [(PageRefusal, Labels)] = PageRefusal.allCases
        .sorted { $0.rawValue < $1.rawValue }.map { ($0, ["reason": $0.rawValue]) }
    private static let causes: [(ClosingCause, Labels)] = ClosingCause.allCases
        .sorted { $0.rawValue < $1.rawValue }.map { ($0, ["cause": $0.rawValue]) }

    private static let refused: [(Refusal.Cause, Labels)] = Refusal.Cause.allCases
        .sorted { $0.rawValue < $1.rawValue }.map { ($0, ["cause": $0.rawValue]) }

    /// Combines a status with the current counts.
    func scrape(_ status: NodeStatus) -> Scrape {
        var counts = Scrape.Listener()
        counts.requests = requests.inOrder
        counts.refusals = Self.refusals.map { ($1, pages.refusals(for: $0)) }
        counts.heldBytes = pages.heldBytes
        counts.openConnections = listener.openConnections
        counts.connectionLimit = listener.connectionLimit
        counts.closed = Self.causes.map { ($1, listener.closed(for: $0)) }
        counts.acceptPauses = listener.acceptPauses
        counts.refused = Self.refused.map { ($1, listener.refused(for: $0)) }
        var events = Scrape.Events()
        (events.counts, events.dropped) = self.events.totals
        let outcome = keeper?.outcome
        (events.isSaved, events.savedAt) = (outcome?.isGood, outcome?.savedAt)
        return Scrape(
            status,
            process: ProcessFacts(startedWall: startedWall),
            listener: counts,
            events: events,
            certificates: inForce.loaded.expiries(status.report.peers),
            droppedRecords: droppedRecords()
        )
    }
}

extension LoadedSettings {
    /// When the certificates of files and of `peers` expire, sorted by role.
    fileprivate func expiries(_ peers: [PeerReport]) -> Scrape.Expiries {
        var all: [(Labels, Double?)] = [
            (["role": "client_ca", "peer": ""], trust.clientAuthorities?.expires),
            (["role": "listener", "peer": ""], trust.listener?.expires),
        ]
        // Copies only the certificates, because a whole report is expensive to copy.
        for index in peers.indices {
            guard let certificate = peers[index].certificate else { continue }
            all.append((["role": "peer", "peer": peers[index].peer.label], certificate.expires))
        }
        all.append((["role": "peer_ca", "peer": ""], trust.authorities?.expires))
        return all.compactMap { labels, expires in expires.map { (labels, $0) } }
    }
}
