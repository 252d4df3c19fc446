import JSON

extension UnicodeScalar {
    /// The first and last scalars of the ranges of wide characters, in ascending order.
    ///
    /// W and F of Unicode's EastAsianWidth.txt without emoji. Unassigned scalars between two ranges
    /// are included, and as in wcwidth(3) of glibc so are 3248-324F and 4DC0-4DFF.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4C6, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]

    /// Whether it is drawn over the character before it.
    var isMark: Bool {
        guard value >= 0x300 else { return false }
        return switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: true
        // The vowels and final consonants of Hangul, which join the consonant before them.
        default: (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FB).contains(value)
        }
    }

    /// The number of terminal columns that a visible scalar occupies: 0, 1 or 2, as in wcwidth(3).
    package var columns: Int {
        if value < 0x300 { return 1 }
        if isMark { return 0 }
        if Self.wide.contains(where: { $0.contains(value) }) { return 2 }
        // Two regional indicators make a flag; each has one column.
        let isIndicator = (0x1F1E6...0x1F1FF).contains(value)
        return properties.isEmojiPresentation && !isIndicator ? 2 : 1
    }
}

extension String {
    /// Whether each byte is an ASCII character.
    private var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    /// The number of terminal columns of a printable text.
    package var columns: Int {
        isASCII ? utf8.count : unicodeScalars.reduce(0) { $0 + $1.columns }
    }

    /// The printable text in exactly `width` columns: padded with blanks, or cut with an ellipsis.
    package func fitted(to width: Int, fromRight: Bool = false) -> String {
        let columns = columns
        guard columns > width else {
            let blanks = String(repeating: " ", count: width - columns)
            return fromRight ? blanks + self : self + blanks
        }
        guard width > 0 else { return "" }
        var cut = UnicodeScalarView()
        var used = 0
        for scalar in unicodeScalars {
            guard used + scalar.columns < width else { break }
            cut.append(scalar)
            used += scalar.columns
        }
        return String(cut) + "…" + String(repeating: " ", count: width - 1 - used)
    }

    /// The printable text in at most `width` columns, without its middle if it is longer.
    ///
    /// Long names often differ at their ends only.
    package func cutInMiddle(to width: Int) -> String {
        guard columns > width else { return self }
        var end = ""
        var used = 0
        for scalar in unicodeScalars.reversed() {
            used += scalar.columns
            guard used <= (width - 1) / 2 else { break }
            end.unicodeScalars.insert(scalar, at: end.startIndex)
        }
        end = String(end.unicodeScalars.drop { $0.isMark })
        return fitted(to: width - end.columns) + end
    }

    /// The printable text in lines of at most `width` columns, broken at blanks.
    ///
    /// Further lines are indented by two more blanks than the first. A longer word is cut.
    package func wrapped(to width: Int) -> [String] {
        let indent = prefix { $0 == " " }.count
        guard columns > width else { return [self] }
        guard width > indent + 10 else { return [fitted(to: width)] }
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        for word in split(separator: " ") {
            if !isEmpty, line.columns + 1 + String(word).columns > width {
                lines.append(line)
                line = String(repeating: " ", count: indent + 2)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).map { $0.columns > width ? $0.fitted(to: width) : $0 }
    }

    /// Removes the blanks at the end.
    package mutating func trimBlanksAtEnd() {
        while last == " " { removeLast() }
    }
}
