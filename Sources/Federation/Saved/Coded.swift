/// A value that the saved state stores as one byte; the codes must never change.
protocol Coded: CaseIterable {
    var code: UInt8 { get }
}

extension Coded {
    /// Nil for an unknown code.
    init?(code: UInt8) {
        guard let value = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = value
    }
}

extension PeerState: Coded {
    var code: UInt8 {
        switch self {
        case .unknown: 0
        case .up: 1
        case .down: 2
        case .itself: 3
        case .clone: 4
        }
    }
}

extension IdentityState: Coded {
    var code: UInt8 {
        switch self {
        case .unknown: 0
        case .ok: 1
        case .itself: 2
        case .clone: 3
        case .duplicate: 4
        case .changing: 5
        }
    }
}

extension Origin: Coded {
    var code: UInt8 {
        switch self {
        case .other: 0
        case .itself: 1
        case .clone: 2
        }
    }
}
