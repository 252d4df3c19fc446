import Federation

@testable import Timing

/// The wall clock at the zero of the monotonic clock in these tests.
let epoch = 1_800_000_000.0

/// The identity of this node in these tests.
let ourselves = NodeIdentity(nodeID: "here", instance: "0000000a")

extension Summary {
    /// A valid summary; a test chooses only the fields that it needs.
    static func from(
        _ nodeID: String,
        gStar: Double = 0.5,
        ts: Double = epoch,
        version: String = "1",
        instance: String? = nil
    ) -> Summary {
        Summary(
            nodeID: nodeID,
            ts: ts,
            version: version,
            metrics: SummaryNumbers(
                peerQuality: 0.7,
                stabilityMargin: 0.08,
                hopfDistance: 0.175,
                spectralRadius: 0.245,
                gamma: 0.7,
                components: Components(progress: 0, novelty: 0, consistency: 1),
                gStar: gStar
            ),
            instance: instance
        )
    }
}

extension Observation {
    /// A good pull of `summary`, `seconds` after the zero of the clock.
    static func good(
        _ index: Peer.Index,
        at seconds: Double,
        _ summary: Summary,
        took: Double = 0.1
    ) -> Observation {
        Observation(
            index: index,
            at: seconds,
            took: took,
            outcome: .success(summary)
        )
    }

    /// A failed pull.
    static func failed(
        _ index: Peer.Index,
        at seconds: Double,
        _ reason: FailureReason = .connectRefused,
        took: Double = 0.001
    ) -> Observation {
        Observation(index: index, at: seconds, took: took, outcome: .failure(Failure(reason)))
    }

    private init(
        index: Peer.Index,
        at seconds: Double,
        took: Double,
        outcome: Result<Summary, Failure>
    ) {
        self.init(
            index: index,
            received: Instant(seconds: seconds),
            wall: epoch + seconds,
            timings: Timings(dns: 0, connect: 0, tls: 0, firstByte: took / 2, total: took),
            outcome: outcome
        )
    }
}

extension Ledger {
    /// An empty ledger with the default interval.
    init(identity: NodeIdentity, window: Duration) {
        self.init(identity: identity, window: window, interval: .seconds(30))
    }

    /// A ledger with peers named after the alphabet, at indices from 0.
    static func with(peers: Int, window: Duration = .seconds(300)) -> Ledger {
        var ledger = Ledger(identity: ourselves, window: window)
        for letter in "abcdefghij".prefix(peers) { _ = ledger.insert(.named("\(letter)")) }
        return ledger
    }

    /// Records pulls and ignores the changes.
    mutating func record(all pulls: [Observation]) {
        for pull in pulls { _ = record(pull) }
    }

    /// The changes to report after each of some pulls.
    mutating func changes(after pulls: [Observation]) -> [[PeerChange.Event]] {
        var changes: [[PeerChange.Event]] = []
        for pull in pulls { changes.append(record(pull).peers.flatMap(\.events)) }
        return changes
    }

    /// The report at a moment, with the default scoring.
    func report(at seconds: Double, _ scoring: Scoring = .standard) -> Report {
        Report(of: self, at: Instant(seconds: seconds), scoring: scoring)
    }
}

extension [Ledger.Change] {
    /// The changes of peers.
    var peers: [PeerChange] {
        compactMap { if case .peer(let change) = $0 { change } else { nil } }
    }

    /// The changes of the verdict on this node.
    var own: [SelfChange] {
        compactMap { if case .own(let change) = $0 { change } else { nil } }
    }
}

extension Peer {
    static func named(_ name: String) -> Peer {
        Peer(label: name, scheme: .http, host: name, port: 8100, pathPrefix: "")
    }
}

extension Scoring {
    /// The defaults of the settings.
    static let standard = Scoring(
        weights: .standard,
        latencyCapSeconds: 2,
        freshnessTauSeconds: 300,
        maxAge: .seconds(90),
        window: .seconds(300),
        minPeerQuality: nil,
        minGoodPeers: 1
    )
}
