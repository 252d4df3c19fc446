import JSON

/// Converts the bytes of a terminal into keys.
///
/// A sequence may arrive in several reads, so the bytes of an incomplete one are kept. Only a pause
/// shows that an escape is the key and not the start of a sequence; then the caller calls
/// `endSequence`.
struct KeyReader: Sendable {
    /// The longest sequence; a longer one is dropped.
    private static let longestSequence = 32
    private static let escape: UInt8 = 0x1B

    /// The bytes that were not converted yet.
    private var pending: [UInt8] = []

    /// Whether a sequence has begun.
    var isPending: Bool { !pending.isEmpty }

    /// Returns the keys that are complete with these bytes.
    mutating func read(_ bytes: [UInt8]) -> [TopKey] {
        pending += bytes
        var rest = pending[...]
        var keys: [TopKey] = []
        while let length = Self.length(of: rest) {
            if let key = Self.key(rest.prefix(length)) { keys.append(key) }
            rest = rest.dropFirst(length)
        }
        pending = rest.count > Self.longestSequence ? [] : Array(rest)
        return keys
    }

    /// Returns the key of an incomplete sequence, to which nothing was added for some time.
    mutating func endSequence() -> [TopKey] {
        guard pending.first == Self.escape else { return [] }
        defer { pending = [] }
        return pending.count == 1 ? [.escape] : []
    }

    /// The number of bytes of the first sequence; nil if it is not complete.
    private static func length(of bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let rest = bytes.dropFirst()
        switch first {
        case escape:
            guard let second = rest.first else { return nil }
            switch second {
            // The final byte of a control sequence is @ to ~ (ECMA-48). A control character
            // cannot be part of it and ends it.
            case UInt8(ascii: "["):
                return rest.dropFirst().firstIndex { (0x40...0x7E).contains($0) || $0 < 0x20 }
                    .map { $0 - bytes.startIndex + (bytes[$0] < 0x20 ? 0 : 1) }
            case UInt8(ascii: "O"): return rest.count < 2 ? nil : 3
            default: return 1
            }
        case 0xC2...0xF4:
            let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let isBroken = rest.prefix(length - 1).contains { !(0x80...0xBF).contains($0) }
            return isBroken ? 1 : bytes.count < length ? nil : length
        default: return 1
        }
    }

    /// The key of a complete sequence; nil if `top` does not use it.
    private static func key(_ bytes: ArraySlice<UInt8>) -> TopKey? {
        guard let first = bytes.first, let last = bytes.last else { return nil }
        switch first {
        case escape: return bytes.count == 1 ? .escape : key(ofSequence: bytes.dropFirst(2), last)
        case 0x0A, 0x0D: return .enter
        case 0x08, 0x7F: return .backspace
        case 0x03, 0x1C: return .interrupt
        case 0x1A: return .suspend
        case 0x0C: return .redraw
        default:
            guard let text = String(validating: bytes, as: UTF8.self),
                let scalar = text.unicodeScalars.first, scalar.isVisible
            else { return nil }
            return .scalar(scalar)
        }
    }

    /// The key of what follows `ESC [` or `ESC O`, as xterm and the Linux console send it.
    private static func key(ofSequence bytes: ArraySlice<UInt8>, _ last: UInt8) -> TopKey? {
        switch last {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "M"): return .enter
        case UInt8(ascii: "~"):
            switch String(decoding: bytes.prefix { $0.isDigit }, as: UTF8.self) {
            case "1", "7": return .home
            case "4", "8": return .end
            case "5": return .pageUp
            case "6": return .pageDown
            default: return nil
            }
        default: return nil
        }
    }
}
