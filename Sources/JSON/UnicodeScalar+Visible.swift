// Text from peers, files and command lines reaches terminals and logs. These functions decide which
// scalars appear there unchanged, and how the others are escaped.

extension UnicodeScalar {
    /// Whether it may be printed unchanged.
    ///
    /// False for control characters, line and paragraph separators, direction marks, and all other
    /// characters without a glyph (zero-width spaces, tags, variation selectors, fillers). They
    /// move the cursor, forge lines, or make two texts look the same.
    package var isVisible: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default: return !properties.isDefaultIgnorableCodePoint
        }
    }

    /// The escape in JSON and in the log.
    ///
    /// A backslash before `"` and the backslash, `\n`, `\r`, `\t`, otherwise `\u` and four
    /// hexadecimal digits, twice for a scalar above U+FFFF.
    package var jsonEscape: String {
        switch self {
        case "\"", "\\": return "\\\(self)"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        return
            utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
            .joined()
    }
}

extension String {
    /// The text with each invisible scalar as `\u{…}`, for one line of plain text.
    ///
    /// Backslashes are not escaped, so escaping twice changes nothing.
    package var visible: String { visible(keeping: nil) }

    /// The same for a text of several lines; line feeds are kept.
    package var visibleLines: String { visible(keeping: "\n") }

    private func visible(keeping kept: Unicode.Scalar?) -> String {
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isVisible || scalar == kept {
                text.unicodeScalars.append(scalar)
            } else {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text
    }
}
