/// Finds peers that publish the same numbers with the same `ts`: one machine that counts twice.
///
/// A node that takes its numbers from another node publishes that node's numbers and `ts`. A third
/// node that pulls both sees two peers with two node ids. Two independent machines do not compute
/// their numbers in the same microsecond repeatedly, so an equal `ts` reveals the copy. Equal
/// numbers alone prove nothing, because steady nodes agree.
///
/// A good pull costs one lookup, independent of the number of peers.
struct EchoDetector: Sendable {
    /// How many consecutive pulls of a peer must match the same other peer.
    static let requiredMatches = 3
    /// The most pairs that are logged in total; the health page shows all of them.
    static let maximumLogged = 16

    private struct Entry {
        /// The bits of the latest `ts`; 0 before the first sample, since every `ts` is positive.
        var ts: UInt64 = 0
        var twin: Peer.Index?
        /// Consecutive pulls that matched the twin, at most `requiredMatches`.
        var matches = 0
        /// The number of earlier peers at this index.
        var generation = 0
        /// The twin's generation at the last match.
        var twinGeneration = 0
        var isReported = false
    }

    private var entries: [Entry] = []
    /// For each latest `ts`, the peer that published it last.
    private var latest: [UInt64: Peer.Index] = [:]
    private var reportedCount = 0

    /// Records the latest sample of a peer; `sample` returns that of another, nil if removed.
    ///
    /// - Returns: The other peer, if the pair must be logged now.
    mutating func record(
        _ own: Sample,
        of index: Peer.Index,
        sample: (Peer.Index) -> Sample?
    ) -> Peer.Index? {
        while entries.count <= index { entries.append(Entry()) }
        let ts = own.ts.bitPattern
        if entries[index].ts != ts { forget(index) }
        entries[index].ts = ts
        let other = latest.updateValue(index, forKey: ts)
        // The peer repeats its own numbers. Only a pull of another peer in between is a match.
        if other == index { return nil }
        guard let other, let theirs = sample(other), theirs.isEcho(of: own) else {
            entries[index].matches = 0
            return nil
        }
        match(index, with: other)
        return report(index)
    }

    /// Forgets a peer, so that its index can be reused.
    mutating func remove(_ index: Peer.Index) {
        guard entries.indices.contains(index) else { return }
        forget(index)
        entries[index] = Entry(generation: entries[index].generation + 1)
    }

    /// The peer whose numbers the peer at `index` publishes, if that happened often enough.
    func twin(of index: Peer.Index) -> Peer.Index? {
        guard entries.indices.contains(index), entries[index].matches >= Self.requiredMatches,
            let twin = entries[index].twin,
            entries[twin].generation == entries[index].twinGeneration
        else { return nil }
        return twin
    }

    private mutating func forget(_ index: Peer.Index) {
        let ts = entries[index].ts
        if latest[ts] == index { latest[ts] = nil }
    }

    private mutating func match(_ index: Peer.Index, with twin: Peer.Index) {
        let generation = entries[twin].generation
        if entries[index].twin != twin || entries[index].twinGeneration != generation {
            entries[index].twin = twin
            entries[index].twinGeneration = generation
            entries[index].matches = 0
            entries[index].isReported = false
        }
        entries[index].matches = min(Self.requiredMatches, entries[index].matches + 1)
    }

    private mutating func report(_ index: Peer.Index) -> Peer.Index? {
        guard let twin = twin(of: index), !entries[index].isReported else { return nil }
        entries[index].isReported = true
        let isPairReported = self.twin(of: twin) == index && entries[twin].isReported
        guard !isPairReported, reportedCount < Self.maximumLogged else { return nil }
        reportedCount += 1
        return twin
    }
}

extension Sample {
    /// Whether another node published the same numbers with the same `ts`.
    ///
    /// `peer_quality` is not compared, because every node computes its own.
    fileprivate func isEcho(of other: Sample) -> Bool {
        var metrics = metrics
        metrics.peerQuality = other.metrics.peerQuality
        return ts == other.ts && metrics == other.metrics && !nodeID.hasSameBytes(as: other.nodeID)
    }
}
