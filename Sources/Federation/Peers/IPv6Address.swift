internal import JSON

/// An IPv6 address, read in any spelling and written as RFC 5952 recommends.
///
/// `0:0:0:0:0:0:0:1`, `0::1` and `::1` are the same peer and must be equal. A zone (`fe80::1%eth0`)
/// is not accepted, because it is valid on one machine only.
struct IPv6Address: Hashable, CustomStringConvertible {
    /// Eight groups of 16 bits, the most significant first.
    private let groups: [UInt16]

    /// Reads an address without brackets; nil if the text is not one.
    init?(parsing text: Substring) {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = Self.groups(text, mayEndInQuad: true), groups.count == 8
            else { return nil }
            self.groups = groups
            return
        }
        let left = text[..<gap.lowerBound]
        let right = text[gap.upperBound...]
        guard let head = left.isEmpty ? [] : Self.groups(left, mayEndInQuad: false),
            let tail = right.isEmpty ? [] : Self.groups(right, mayEndInQuad: true),
            head.count + tail.count < 8
        else { return nil }
        groups = head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Reads groups separated by colons; a dotted quad at the end stands for two groups.
    private static func groups(_ text: Substring, mayEndInQuad: Bool) -> [UInt16]? {
        var pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        var end: [UInt16] = []
        if mayEndInQuad, let last = pieces.last, last.contains(".") {
            guard let bytes = quad(last) else { return nil }
            end = [bytes[0] << 8 | bytes[1], bytes[2] << 8 | bytes[3]]
            pieces.removeLast()
        }
        let groups = pieces.compactMap { piece in
            piece.utf8.count <= 4 && piece.utf8.allSatisfy(\.isHexDigit)
                ? UInt16(piece, radix: 16) : nil
        }
        return groups.count == pieces.count ? groups + end : nil
    }

    /// The four numbers of an IPv4 address, each 0...255 without leading zeros; nil otherwise.
    static func quad(_ text: Substring) -> [UInt16]? {
        let pieces = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = pieces.compactMap { piece in
            piece.utf8.allSatisfy(\.isDigit) && (piece == "0" || piece.first != "0")
                ? UInt8(piece).map(UInt16.init) : nil
        }
        return pieces.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// The first of the longest runs of at least two zero groups; empty if there is none.
    private var longestGap: Range<Int> {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 { continue }
            if index - start > max(1, longest.count) { longest = start..<index }
            start = index + 1
        }
        return longest
    }

    var description: String {
        let gap = longestGap
        let hexadecimal = groups.map { String($0, radix: 16) }
        if gap.isEmpty { return hexadecimal.joined(separator: ":") }
        return hexadecimal[..<gap.lowerBound].joined(separator: ":") + "::"
            + hexadecimal[gap.upperBound...].joined(separator: ":")
    }
}
