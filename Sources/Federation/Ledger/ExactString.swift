/// A string that is compared by its bytes.
///
/// `String` compares by canonical equivalence, so a precomposed letter equals its decomposed form.
/// Two nodes must not be confused because of that.
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
    /// This string, or `known` if that has the same bytes, so that both share their storage.
    func sharingStorage(of known: String?) -> String {
        if let known, hasSameBytes(as: known) { known } else { self }
    }

    /// Whether both strings have identical UTF-8; equal ASCII strings need no byte comparison.
    func hasSameBytes(as other: String) -> Bool {
        self == other
            && (utf8Span.isKnownASCII && other.utf8Span.isKnownASCII
                || utf8.elementsEqual(other.utf8))
    }
}
