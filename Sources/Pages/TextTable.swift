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
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ").trimmingTrailingBlanks
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// The text cut to `limit` scalars, with U+FFFD for each that is not visible.
    ///
    /// Peers choose some texts, and hidden scalars would break the columns.
    package func printable(upTo limit: Int) -> String {
        let scalars = unicodeScalars.prefix(limit).map { $0.isVisible ? $0 : "\u{FFFD}" }
        return String(String.UnicodeScalarView(scalars))
    }

    fileprivate var trimmingTrailingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
