internal import Timing

/// The parts of a peer's row, as `PeerHistory+Saved` writes them.
extension ByteReader {
    mutating func value<Value: Coded>(
        _: Value.Type
    ) throws(SavedRowFault) -> Value {
        guard let value = Value(code: try byte()) else { throw .invalid }
        return value
    }

    mutating func answer(
        by time: SavedTime
    ) throws(SavedRowFault) -> PeerHistory.Answer? {
        let (nodeID, version) = try (string(), string())
        let origin = try value(Origin.self)
        let (received, since) = try (time.moment(at: double()), time.moment(at: double()))
        guard let received, let since else { return nil }
        return PeerHistory.Answer(
            nodeID: nodeID,
            version: version,
            origin: origin,
            received: received,
            since: since
        )
    }

    mutating func shownNode(by time: SavedTime) throws(SavedRowFault) -> ShownNode? {
        let (nodeID, version) = try (string(), string())
        guard let since = try time.moment(at: double()) else { return nil }
        return ShownNode(nodeID: nodeID, version: version, since: since)
    }

    mutating func failedPull(by time: SavedTime) throws(SavedRowFault) -> FailedPull? {
        guard let reason = try FailureReason(rawValue: string()) else { throw .invalid }
        let stage = try optional { row throws(SavedRowFault) in
            guard let stage = try PullStage(rawValue: row.string()) else {
                throw SavedRowFault.invalid
            }
            return stage
        }
        let status = try optional { row throws(SavedRowFault) in try Int(row.uint16()) }
        let failure = try Failure(reason, stage: stage, status: status, detail: string())
        guard let received = try time.moment(at: double()) else { return nil }
        return FailedPull(failure: failure, received: received)
    }

    mutating func timings() throws(SavedRowFault) -> Timings {
        var timings = try Timings(
            dns: finite(),
            connect: finite(),
            tls: finite(),
            firstByte: finite(),
            total: finite()
        )
        let age = try double()
        timings.addressAge = age.isFinite ? age : nil
        timings.wasHeldUp = try bool()
        return timings
    }

    mutating func goodPull(
        of nodeID: String,
        by time: SavedTime
    ) throws(SavedRowFault) -> PeerHistory.GoodPull? {
        let at = try double()
        let sample = try sample(of: nodeID, after: nil)
        return time.moment(at: at)
            .map { PeerHistory.GoodPull(received: $0, wall: at, sample: sample) }
    }

    /// The numbers did not change while this node did not run, so their age includes the gap.
    mutating func numbersAge(by time: SavedTime) throws(SavedRowFault) -> NumbersAge? {
        let ts = try number(.positive, unless: nil)
        let since = try time.momentBeforeGap(at: double())
        let stale = try optional { row throws(SavedRowFault) in try row.double() }
        let staleSince = stale.flatMap(time.momentBeforeGap(at:))
        return since.map { NumbersAge(ts: ts, since: $0, staleSince: staleSince) }
    }

    mutating func sample(
        of nodeID: String,
        after previous: SummaryNumbers?
    ) throws(SavedRowFault) -> Sample {
        let own = try optional { row throws(SavedRowFault) in try row.string() }
        let ts = try number(.positive, unless: nil)
        var mask = try uint16()
        guard mask == SummaryNumbers.all || previous != nil && mask < SummaryNumbers.all else {
            throw .invalid
        }
        func next(
            _ rule: Summary.Rule,
            _ before: Double?,
            _ row: inout ByteReader
        ) throws(SavedRowFault) -> Double {
            defer { mask >>= 1 }
            return try row.number(rule, unless: mask & 1 == 0 ? before : nil)
        }
        let numbers = try SummaryNumbers(
            peerQuality: next(.finite, previous?.peerQuality, &self),
            stabilityMargin: next(.finite, previous?.stabilityMargin, &self),
            hopfDistance: next(.notNegative, previous?.hopfDistance, &self),
            spectralRadius: next(.notNegative, previous?.spectralRadius, &self),
            gamma: next(.unit, previous?.gamma, &self),
            components: Components(
                progress: next(.unit, previous?.components.progress, &self),
                novelty: next(.unit, previous?.components.novelty, &self),
                consistency: next(.unit, previous?.components.consistency, &self)
            ),
            gStar: next(.unit, previous?.gStar, &self)
        )
        return Sample(nodeID: own ?? nodeID, ts: ts, metrics: numbers)
    }

    /// The number of the sample before, or else one that the contract of a summary allows.
    private mutating func number(
        _ rule: Summary.Rule,
        unless before: Double?
    ) throws(SavedRowFault) -> Double {
        if let before { return before }
        let number = try double()
        guard rule.numbers.contains(number) else { throw .invalid }
        return number
    }
}
