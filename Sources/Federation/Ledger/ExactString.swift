/// A string that is equal to another only if both have the same bytes.
///
/// `String` compares by canonical equivalence: an e with an accent and an e followed by the accent
/// are equal to it. Two nodes may not be taken for one because of that.
struct ExactString: Hashable {
    var string: String

    init(_ string: String) {
        self.string = string
    }

    static func == (left: ExactString, right: ExactString) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    func hash(into hasher: inout Hasher) {
        unsafe string.utf8Span.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension String {
    /// Whether both strings are the same bytes, which of two that are equal is looked at only if
    /// they are not ASCII.
    func hasSameBytes(as other: String) -> Bool {
        self == other
            && (utf8Span.isKnownASCII && other.utf8Span.isKnownASCII
                || utf8.elementsEqual(other.utf8))
    }
}
