/// The tokens that the listener accepts, as SHA-256 digests.
///
/// A token is compared by its digest with every accepted one, so the time of a comparison depends
/// on the length of the presented token and the number of accepted tokens, but not on their text.
package struct AcceptedTokens: Hashable, Sendable {
    private let digests: [Digest]

    package init(_ file: TokenFile) {
        digests = file.tokens.map { Digest(of: Array($0.text.utf8)) }
    }

    package var count: Int { digests.count }

    /// Whether the presented text is one of the tokens.
    package func accepts(_ presented: String) -> Bool {
        let digest = Digest(of: Array(presented.utf8))
        var equal = 0
        for known in digests { equal |= known.equals(digest) }
        return equal == 1
    }
}

/// A SHA-256.
package struct Digest: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    init(_ words: SIMD4<UInt64>) { self.words = words }

    /// 1 if both are the same, else 0; without a branch.
    func equals(_ other: Digest) -> Int {
        let difference = words ^ other.words
        let all = difference[0] | difference[1] | difference[2] | difference[3]
        // The highest bit of x | -x is set unless x is 0.
        return Int(1 ^ ((all | (0 &- all)) >> 63))
    }
}
