/// A file of bearer tokens, one per line.
///
/// Blanks around a token, empty lines, and lines that begin with `#` are ignored.
package struct TokenFile: Hashable, Sendable {
    /// In the order of the file; at least one.
    package private(set) var tokens: [BearerToken] = []

    /// The size limit of a file.
    package static let maximumBytes = 1 << 20
    /// Every request is compared with all tokens.
    package static let maximumTokens = 1_000

    package init(parsing bytes: [UInt8]) throws(TokenFault) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let token = Self.trimmed(line)
            guard let first = token.first, first != UInt8(ascii: "#") else { continue }
            guard tokens.count < Self.maximumTokens else { throw .tooMany }
            guard token.allSatisfy(BearerToken.isAllowed) else { throw .character(line: index + 1) }
            guard BearerToken.lengths.contains(token.count) else { throw .length(line: index + 1) }
            tokens.append(BearerToken(String(decoding: token, as: UTF8.self)))
        }
        if tokens.isEmpty { throw .empty }
    }

    /// The line without blanks at its ends, and without the CR of a line that ends in CR LF.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blanks: [UInt8] = [0x20, 0x09, 0x0D]
        var line = line.drop(while: blanks.contains)
        while let last = line.last, blanks.contains(last) { line.removeLast() }
        return line
    }
}

/// Why a file of tokens is refused; without the text of a token.
package enum TokenFault: Error, Hashable, Sendable {
    case empty
    case tooMany
    case length(line: Int)
    case character(line: Int)
}

extension TokenFault: CustomStringConvertible {
    package var description: String {
        let lengths = BearerToken.lengths
        return switch self {
        case .empty: "contains no token; allowed: one token per line"
        case .tooMany: "contains more than \(TokenFile.maximumTokens) tokens"
        case .length(let line):
            "line \(line) has a token of another length than allowed: \(lengths.lowerBound) to "
                + "\(lengths.upperBound) characters"
        case .character(let line):
            "line \(line) has a character that a token must not contain; "
                + "allowed: letters, digits and -._~+/="
        }
    }
}
