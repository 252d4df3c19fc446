/// The labels of a series, rendered in advance: `peer="a",state="ok"`.
///
/// Reused, because all series of a peer have the same labels.
package struct Labels: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Escaped, separated by commas, without braces.
    let bytes: [UInt8]

    /// Takes names and values in the order of output.
    ///
    /// Names are literals in the source, so an invalid one traps: they match
    /// `[a-zA-Z_][a-zA-Z0-9_]*`, are not `le` and do not begin with `__`. A value is any text.
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
    /// A label for each case of `cases`; the value is the raw value of the case.
    package static func each<Case>(_ name: String, of cases: Case.Type) -> [Case: Labels]
    where Case: CaseIterable & Hashable & RawRepresentable<String> {
        Dictionary(uniqueKeysWithValues: Case.allCases.map { ($0, [name: $0.rawValue]) })
    }
}

extension [UInt8] {
    /// Appends `text`, escaping line feeds, backslashes and, if requested, quotes.
    mutating func append(escaping text: String, quotes: Bool) {
        let backslash = UInt8(ascii: "\\")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): self += "\\n".utf8
            case backslash,
                UInt8(ascii: "\"") where quotes:
                append(backslash)
                append(byte)
            default: append(byte)
            }
        }
    }
}

/// Whether `text` is a valid name of a metric (with colons) or a label (without).
func isName(_ text: String.UTF8View, allowingColon: Bool) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowingColon
        default: false
        }
    }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    return text.first.map(isLetter) == true
        && text.allSatisfy { isLetter($0) || digits.contains($0) }
}
