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
        for byte in string.utf8 { hasher.combine(byte) }
    }
}

extension String {
    /// Whether both strings are the same bytes; two that are the same in memory are found at once.
    func hasSameBytes(as other: String) -> Bool {
        self == other && utf8.elementsEqual(other.utf8)
    }
}
