internal import Timing

/// The row of the governor in the saved state: its variables, without its settings.
extension Governor {
    /// The first byte of the row; a row with another version is not read.
    private static let version: UInt8 = 1

    /// The bytes of the row.
    package func saved(by time: SavedTime) -> [UInt8] {
        var row = ByteWriter(capacity: 128 + 24 * recent.all.count)
        row.put(Self.version)
        row.put(gamma)
        row.put(eta)
        row.put(requestedEta)
        switch state {
        case .steering: row.put(UInt8(0))
        case .frozen(let calmSince):
            row.put(UInt8(1))
            row.put(calmSince) { $0.put(time.unixTime(of: $1)) }
        case .thawing: row.put(UInt8(2))
        }
        row.put(lastTick) { $0.put(time.unixTime(of: $1)) }
        row.put(context.state == .federated)
        row.put(context.lastEnough) { $0.put(time.unixTime(of: $1)) }
        row.put(UInt16(recent.all.count))
        for tick in recent.all {
            row.put(time.unixTime(of: tick.at))
            row.put(tick.gamma)
            row.put(tick.eta)
        }
        return row.bytes
    }

    /// Restores the governor from a row; a damaged row changes nothing.
    ///
    /// Constants and mode keep their present settings, and eta stays within its present bounds.
    /// Ticks that are too old by the wall clock, or in its future, are dropped.
    package mutating func restore(
        _ bytes: [UInt8],
        by time: SavedTime
    ) throws(SavedRowFault) {
        var row = ByteReader(bytes)
        guard try row.byte() == Self.version else { throw .invalid }
        var governor = Governor(constants: constants, context: context)
        governor.gamma = try row.finite()
        guard (0...1).contains(governor.gamma) else { throw .invalid }
        governor.eta = try constants.eta.clamp(row.finite())
        governor.requestedEta = try constants.eta.clamp(row.finite())
        switch try row.byte() {
        case 0: governor.state = .steering
        case 1:
            governor.state = .frozen(calmSince: try row.optionalMoment(by: time))
        case 2: governor.state = .thawing
        default: throw .invalid
        }
        governor.lastTick = try row.optionalMoment(by: time)
        governor.context.state = try row.bool() ? .federated : .solo
        governor.context.lastEnough = try row.optionalMoment(by: time)
        for _ in try 0..<row.uint16() {
            let at = try row.double()
            let (gamma, eta) = try (row.finite(), row.finite())
            guard time.isWithin(RecentTicks.fiveMinutes, at), let moment = time.moment(at: at),
                moment >= governor.recent.all.last?.at ?? moment
            else { continue }
            governor.recent.append(RecentTicks.Tick(at: moment, gamma: gamma, eta: eta))
        }
        guard row.isAtEnd else { throw .invalid }
        self = governor
    }
}
