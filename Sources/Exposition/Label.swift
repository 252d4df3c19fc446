/// A name and a value that tell one series of a family from the others.
package struct Label: Hashable, Sendable {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`, not `le`, and without the leading `__` that Prometheus keeps.
    package let name: String
    /// Any text; it is escaped when it is written.
    package let value: String

    /// Traps on an illegal name: names stand in the source, so a bad one is a bug.
    package init(_ name: String, _ value: String) {
        precondition(
            isName(name.utf8, allowingColon: false) && !name.hasPrefix("__") && name != "le",
            "The label name '\(name)' must match [a-zA-Z_][a-zA-Z0-9_]*, not begin with __ "
                + "and not be le."
        )
        self.name = name
        self.value = value
    }
}

extension Label: Comparable {
    package static func < (left: Label, right: Label) -> Bool {
        left.name == right.name ? left.value < right.value : left.name < right.name
    }
}

/// Whether `text` may name a metric (with colons) or a label (without).
func isName(_ text: String.UTF8View, allowingColon: Bool) -> Bool {
    var isFirst = true
    for byte in text {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            break
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            guard !isFirst else { return false }
        case UInt8(ascii: ":"):
            guard allowingColon else { return false }
        default:
            return false
        }
        isFirst = false
    }
    return !isFirst
}
