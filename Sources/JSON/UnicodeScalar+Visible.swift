extension UnicodeScalar {
    /// Whether it may be printed unchanged in terminals and logs.
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
