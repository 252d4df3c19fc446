internal import Federation

extension PeersFile {
    /// A removed peer whose URL begins with the incomplete last line of the file.
    func truncatedPeer(of removed: [Peer]) -> Peer? {
        guard endsWithinItem, let last = items.last?.text else { return nil }
        return Self.peer(truncatedTo: last, of: removed)
    }

    /// A removed peer whose URL begins with `last`, the last item of a list.
    static func peer(truncatedTo last: String, of removed: [Peer]) -> Peer? {
        let start = last.firstRange(of: "://")?.lowerBound ?? last.startIndex
        let equals = last[..<start].firstIndex(of: "=").map { last.index(after: $0) }
        let url = last[(equals ?? last.startIndex)...].lowercased()
        return removed.first { $0.url.lowercased().hasPrefix(url) }
    }
}
