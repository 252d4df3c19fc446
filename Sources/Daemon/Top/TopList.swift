/// The peers that match the filter, in the chosen order.
struct TopList: Sendable {
    let rows: [TopRow]
    /// The number of peers without the filter.
    let total: Int

    init(_ all: [TopRow], sort: TopState.Sort, filter: String) {
        let bytes = Array(filter.lowercased().utf8)
        let found = bytes.isEmpty ? all : all.filter { $0.contains(bytes) }
        total = all.count
        rows = found.sorted { left, right in
            let (left, right) = (left.peer, right.peer)
            switch sort {
            case .worst: return PeerRow.isWorse(left, than: right)
            case .name: return left.name < right.name
            case .quality: return (left.quality, left.name) < (right.quality, right.name)
            // The slowest first, then those without a latency.
            case .p95: return (-(left.p95 ?? -1), left.name) < (-(right.p95 ?? -1), right.name)
            }
        }
    }
}
