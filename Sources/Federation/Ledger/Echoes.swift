/// Finds peers that publish the same numbers with the same `ts`: one machine that counts twice.
///
/// A node that takes its numbers from another node beside it publishes that node's numbers and
/// `ts`, so a third node that pulls both sees two peers with two node ids. The `ts` gives them
/// away: two machines do not fix their numbers in the same microsecond again and again. Equal
/// numbers alone prove nothing, because steady nodes agree.
///
/// A good pull costs one lookup, whatever the number of peers.
struct Echoes: Sendable {
    /// How many pulls of a peer in a row must find the numbers of the same other peer.
    static let enough = 3
    /// How many pairs are logged in all; health shows every pair.
    static let mostReported = 16

    private struct Entry {
        /// The bits of the `ts` of the latest sample; 0, which no `ts` has, before the first.
        var ts: UInt64 = 0
        var twin: Peer.Index?
        /// How many pulls in a row found the twin's numbers, up to `enough`.
        var matches = 0
        /// Counts the peers that have had this index, and the twin's index at the last match.
        var life = 0
        var twinLife = 0
        var isReported = false
    }

    private var entries: [Entry] = []
    /// The peer that gave each `ts` last, of those whose latest sample has it.
    private var latest: [UInt64: Peer.Index] = [:]
    private var reportedCount = 0

    /// Notes the latest sample of a peer; `sample` is that of another, nil for one that is gone.
    ///
    /// - Returns: The other peer, if the pair must be logged now.
    mutating func note(
        _ own: Sample,
        of index: Peer.Index,
        sample: (Peer.Index) -> Sample?
    ) -> Peer.Index? {
        while entries.count <= index { entries.append(Entry()) }
        let ts = own.ts.bitPattern
        if entries[index].ts != ts { forget(index) }
        entries[index].ts = ts
        let other = latest.updateValue(index, forKey: ts)
        // The same numbers again: only a pull of the other peer in between proves anything.
        if other == index { return nil }
        guard let other, let theirs = sample(other), theirs.isEcho(of: own) else {
            entries[index].matches = 0
            return nil
        }
        match(index, with: other)
        return report(index)
    }

    /// Forgets a peer, whose index another may get.
    mutating func remove(_ index: Peer.Index) {
        guard entries.indices.contains(index) else { return }
        forget(index)
        entries[index] = Entry(life: entries[index].life + 1)
    }

    /// The peer whose numbers the one at `index` has published often enough.
    func twin(of index: Peer.Index) -> Peer.Index? {
        guard entries.indices.contains(index), entries[index].matches >= Self.enough,
            let twin = entries[index].twin, entries[twin].life == entries[index].twinLife
        else { return nil }
        return twin
    }

    private mutating func forget(_ index: Peer.Index) {
        let ts = entries[index].ts
        if latest[ts] == index { latest[ts] = nil }
    }

    private mutating func match(_ index: Peer.Index, with twin: Peer.Index) {
        let life = entries[twin].life
        if entries[index].twin != twin || entries[index].twinLife != life {
            entries[index].twin = twin
            entries[index].twinLife = life
            entries[index].matches = 0
            entries[index].isReported = false
        }
        entries[index].matches = min(Self.enough, entries[index].matches + 1)
    }

    private mutating func report(_ index: Peer.Index) -> Peer.Index? {
        guard let twin = twin(of: index), !entries[index].isReported else { return nil }
        entries[index].isReported = true
        let isPairReported = self.twin(of: twin) == index && entries[twin].isReported
        guard !isPairReported, reportedCount < Self.mostReported else { return nil }
        reportedCount += 1
        return twin
    }
}

extension Sample {
    /// Whether another node gave the same numbers with the same `ts`.
    ///
    /// A node that takes its numbers from another still gives a `peer_quality` of its own.
    fileprivate func isEcho(of other: Sample) -> Bool {
        var metrics = metrics
        metrics.peerQuality = other.metrics.peerQuality
        return ts == other.ts && metrics == other.metrics && !nodeID.hasSameBytes(as: other.nodeID)
    }
}
