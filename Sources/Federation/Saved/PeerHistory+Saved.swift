internal import Timing

/// The row of one peer in the saved state: its history without the counters, which start at 0.
extension PeerHistory {
    /// The first byte of a row; a row with another version is not read.
    private static let version: UInt8 = 2

    /// The bytes of the row.
    package func saved(by time: SavedTime) -> [UInt8] {
        var row = ByteWriter()
        save(to: &row, by: time)
        return row.bytes
    }

    /// Appends the row.
    func save(to row: inout ByteWriter, by time: SavedTime) {
        let nodeID = answer?.nodeID ?? ""
        row.put(Self.version)
        row.put(state.code)
        row.put(reported.state.code)
        row.put(reported.identity.code)
        row.put(reported.since) { $0.put(time.unixTime(of: $1)) }
        row.put(lastPull) { $0.put(time.unixTime(of: $1)) }
        row.put(answer) { row, answer in
            row.put(answer.nodeID)
            row.put(answer.version)
            row.put(answer.origin.code)
            row.put(time.unixTime(of: answer.received))
            row.put(time.unixTime(of: answer.since))
        }
        row.put(shown) { row, shown in
            row.put(shown.nodeID)
            row.put(shown.version)
            row.put(time.unixTime(of: shown.since))
        }
        row.put(lastFailure) { row, failed in
            row.put(failed.failure, at: time.unixTime(of: failed.received))
        }
        row.put(lastTimings) { $0.put($1) }
        row.put(lastGood) { row, good in
            row.put(time.unixTime(of: good.received))
            row.put(good.sample.nodeID, unless: nodeID)
            row.put(good.sample.ts)
            row.put(good.sample.metrics.inOrder, after: SummaryNumbers.unlikeAny)
        }
        row.put(numbers) { row, numbers in
            row.put([numbers.ts, time.unixTime(of: numbers.since)])
            row.put(numbers.staleSince) { $0.put(time.unixTime(of: $1)) }
        }
        row.put(UInt8(changes.count))
        for moment in changes { row.put(time.unixTime(of: moment)) }
        row.put(UInt16(window.count))
        var previous = SummaryNumbers.unlikeAny
        window.visit { entries, index in
            row.put([time.unixTime(of: entries[index].received), entries[index].seconds ?? .nan])
            let source = entries[index].nodeID
            row.put(source != nil)
            guard let source else { return }
            row.put(source, unless: nodeID)
            row.put(entries[index].ts)
            let numbers = entries[index].numbers.inOrder
            row.put(numbers, after: previous)
            previous = numbers
        }
    }

    /// Restores the history from a row; a damaged row changes nothing.
    ///
    /// Observations from the future by the wall clock are dropped, and so are those older than
    /// `window`.
    mutating func restore(
        _ bytes: [UInt8],
        by time: SavedTime,
        window length: Duration
    ) throws(SavedRowFault) {
        var row = ByteReader(bytes)
        guard try row.byte() == Self.version else { throw .invalid }
        var history = PeerHistory(peer: peer, rank: rank, configured: .distantPast)
        history.state = try row.value(PeerState.self)
        history.reported.state = try row.value(PeerState.self)
        history.reported.identity = try row.value(IdentityState.self)
        history.reported.since = try row.optionalMoment(by: time)
        history.lastPull = try row.optionalMoment(by: time)
        history.answer =
            try row.optional { row throws(SavedRowFault) in try row.answer(by: time) } ?? nil
        history.shown =
            try row.optional { row throws(SavedRowFault) in try row.shownNode(by: time) } ?? nil
        history.lastFailure =
            try row.optional { row throws(SavedRowFault) in try row.failedPull(by: time) } ?? nil
        history.lastTimings = try row.optional { row throws(SavedRowFault) in try row.timings() }
        let nodeID = history.answer?.nodeID ?? ""
        history.lastGood =
            try row.optional { row throws(SavedRowFault) in try row.goodPull(of: nodeID, by: time) }
            ?? nil
        history.numbers =
            try row.optional { row throws(SavedRowFault) in try row.numbersAge(by: time) } ?? nil
        for _ in try 0..<row.byte() {
            guard let moment = time.moment(at: try row.double()) else { continue }
            history.changes = (history.changes + [moment]).suffix(Self.manyChanges)
        }
        var previous: SummaryNumbers?
        for _ in try 0..<row.uint16() {
            let at = try row.double()
            let seconds = try row.double()
            let sample = try row.optional { row throws(SavedRowFault) in
                let sample = try row.sample(of: nodeID, after: previous)
                previous = sample.metrics
                return sample
            }
            guard time.isWithin(length, at), let received = time.moment(at: at) else { continue }
            // Entries must be in the order of time, also if the row is not.
            let entry = RollingWindow.Entry(
                received: max(received, history.window.last?.received ?? received),
                seconds: seconds >= 0 && seconds.isFinite ? seconds : nil,
                sample: sample
            )
            history.window.append(entry, droppingBefore: Instant(nanoseconds: .min))
        }
        guard row.isAtEnd else { throw .invalid }
        // Without its last pull, the state of the peer is unknown.
        if history.lastPull == nil { history.state = .unknown }
        self = history
    }
}

extension ByteWriter {
    fileprivate mutating func put(_ failure: Failure, at unixTime: Double) {
        put(failure.reason.rawValue)
        put(failure.stage) { $0.put($1.rawValue) }
        put(failure.status) { $0.put(UInt16(clamping: $1)) }
        put(failure.detail)
        put(unixTime)
    }

    fileprivate mutating func put(_ timings: Timings) {
        put([
            timings.dns, timings.connect, timings.tls, timings.firstByte, timings.total,
            timings.addressAge ?? .nan,
        ])
        put(timings.wasHeldUp)
    }

    /// The node id of a sample, unless it is that of the latest answer.
    fileprivate mutating func put(_ nodeID: String, unless latest: String) {
        let isLatest = nodeID.hasSameBytes(as: latest)
        put(!isLatest)
        if !isLatest { put(nodeID) }
    }

    /// Numbers that equal those of the sample before it are not repeated; a bit of a mask is set
    /// for each of the others.
    fileprivate mutating func put(
        _ numbers: InlineArray<9, Double>,
        after previous: InlineArray<9, Double>
    ) {
        var mask: UInt16 = 0
        for index in numbers.indices
        where previous[index].bitPattern != numbers[index].bitPattern {
            mask |= 1 << index
        }
        put(mask)
        if mask == SummaryNumbers.all { return put(numbers) }
        for index in numbers.indices where mask & 1 << index != 0 { put(numbers[index]) }
    }
}

extension SummaryNumbers {
    /// The mask with a bit for each number.
    static let all: UInt16 = 0x1FF

    /// Stands for the sample before the first one: no number of a summary is NaN, so all differ.
    fileprivate static var unlikeAny: InlineArray<9, Double> { .init(repeating: .nan) }

    /// In the order of a row.
    fileprivate var inOrder: InlineArray<9, Double> {
        [
            peerQuality, stabilityMargin, hopfDistance, spectralRadius, gamma,
            components.progress, components.novelty, components.consistency, gStar,
        ]
    }
}
