/// The labels that tell one series of a family from the others, in the form in which they are
/// written: `peer="a",state="ok"`.
///
/// Made once and written often: that of a peer stands in each of its series.
package struct Labels: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Escaped, with commas between them and without braces.
    let bytes: [UInt8]

    /// Names and values, in the order in which they are written.
    ///
    /// A name is `[a-zA-Z_][a-zA-Z0-9_]*`, not `le`, and without the leading `__` that Prometheus
    /// keeps. Traps on another: names stand in the source, so a bad one is a bug. A value is any
    /// text.
    package init(dictionaryLiteral pairs: (String, String)...) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pairs.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 })
        for (name, value) in pairs {
            precondition(
                isName(name.utf8, allowingColon: false) && !name.hasPrefix("__") && name != "le",
                "The label name '\(name)' must match [a-zA-Z_][a-zA-Z0-9_]*, not begin with __ "
                    + "and not be le."
            )
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += name.utf8
            bytes += "=\"".utf8
            bytes.append(escaping: value, quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        self.bytes = bytes
    }
}

extension Labels {
    /// A label for each case of `cases`, with what the case is called on the wire as its value.
    package static func each<Case>(_ name: String, of cases: Case.Type) -> [Case: Labels]
    where Case: CaseIterable & Hashable & RawRepresentable<String> {
        Dictionary(uniqueKeysWithValues: Case.allCases.map { ($0, [name: $0.rawValue]) })
    }
}

extension [UInt8] {
    /// Appends `text` with a backslash before line ends, backslashes and, if asked, quotes.
    mutating func append(escaping text: String, quotes: Bool) {
        let backslash = UInt8(ascii: "\\")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"):
                append(backslash)
                append(UInt8(ascii: "n"))
            case backslash,
                UInt8(ascii: "\"") where quotes:
                append(backslash)
                append(byte)
            default:
                append(byte)
            }
        }
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
