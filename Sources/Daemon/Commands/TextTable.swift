/// Columns of text, as wide as their widest cell.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]) {
        rows = [header]
    }

    /// Adds a row; a cell that has nothing to say shows a dash.
    mutating func add(_ cells: [String?]) {
        precondition(cells.count == rows[0].count, "a row has a cell for each column")
        rows.append(cells.map { cell in cell.map(Self.printable) ?? "-" })
    }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return
            rows.map { row in
                zip(row, widths)
                    .map { cell, width in
                        cell + String(repeating: " ", count: width - cell.count)
                    }
                    .joined(separator: "  ").trimmingTrailingBlanks
            }
            .joined(separator: "\n")
    }

    /// A cell without what would move the cursor, at most 64 characters: some cells are what a
    /// peer said.
    private static func printable(_ cell: String) -> String {
        let scalars = cell.unicodeScalars.prefix(64)
            .map { scalar in
                scalar.properties.generalCategory == .control
                    || scalar.properties.generalCategory == .format ? "\u{FFFD}" : scalar
            }
        return String(String.UnicodeScalarView(scalars))
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
