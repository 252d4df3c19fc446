internal import Federation

extension PeersFile {
    /// Of peers that the file no longer lists, one that its last, unfinished line is a part of.
    func peerCutOff(of removed: [Peer]) -> Peer? {
        guard endsWithinItem, let last = items.last?.text else { return nil }
        return Self.peer(cutOffTo: last, of: removed)
    }

    /// Of some peers, one of which `last`, the last item of a list, may be the beginning.
    static func peer(cutOffTo last: String, of removed: [Peer]) -> Peer? {
        let start = last.firstRange(of: "://")?.lowerBound ?? last.startIndex
        let equals = last[..<start].firstIndex(of: "=").map { last.index(after: $0) }
        let url = last[(equals ?? last.startIndex)...].lowercased()
        return removed.first { $0.url.lowercased().hasPrefix(url) }
    }
}
