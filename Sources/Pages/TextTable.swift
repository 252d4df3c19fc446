import Federation
import JSON

/// Columns of text, as wide as their widest cell.
package struct TextTable {
    private var rows: [[String]]

    package init(header: [String]) { rows = [header] }

    /// Adds a row; an empty cell shows a dash.
    package mutating func add(_ cells: [String?]) {
        precondition(cells.count == rows[0].count, "a row must have a cell for each column")
        rows.append(cells.map { $0?.printable(upTo: 64) ?? "-" })
    }

    package var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].columns }.max() ?? 0 }
        let lines = rows.map { row in
            var line = zip(row, widths).map { $0.fitted(to: $1) }.joined(separator: "  ")
            line.trimBlanksAtEnd()
            return line
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// Marks that one character may carry; a pile of them would cover other lines.
    private static let maximumMarks = 2

    /// The text cut to `limit` scalars, with U+FFFD for each that is not visible, and for marks
    /// without a character before them or after two others.
    ///
    /// Peers choose some texts, and such scalars would break the columns.
    package func printable(upTo limit: Int) -> String {
        var marks = Self.maximumMarks
        let scalars = unicodeScalars.prefix(limit)
            .map { scalar -> UnicodeScalar in
                marks = scalar.isMark ? marks + 1 : 0
                if scalar.isVisible, marks <= Self.maximumMarks { return scalar }
                marks = 0
                return "\u{FFFD}"
            }
        return String(String.UnicodeScalarView(scalars))
    }
}
