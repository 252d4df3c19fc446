// Text from a peer, a file or a command line reaches terminals and logs. These functions decide
// what is shown as it is, and how everything else is written there.

extension UnicodeScalar {
    /// Whether it may be shown as it is.
    ///
    /// False for control characters, line and paragraph separators, marks that change the direction
    /// of writing, and every other character that has no glyph (zero-width spaces, tags, variation
    /// selectors, fillers): they move the cursor, forge lines, or make two texts look the same.
    package var isVisible: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return false
        default: return !properties.isDefaultIgnorableCodePoint
        }
    }

    /// `\u` and four hexadecimal digits, twice for a scalar beyond the first 65,536, as in JSON.
    package var jsonEscape: String {
        utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        .joined()
    }
}

extension String {
    /// The text with each scalar that is not visible as `\u{…}`, for one line of plain text.
    ///
    /// What is escaped already stays as it is.
    package var visible: String { visible(keeping: nil) }

    /// The same for a text of several lines, whose ends stay.
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
