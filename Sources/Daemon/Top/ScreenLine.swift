import Pages

/// A line of the screen: texts with styles, and no colours.
struct ScreenLine: Sendable {
    /// How a text is drawn; the raw value is the parameter of SGR (ECMA-48).
    enum Style: Int, Sendable {
        case plain = 0
        case bold = 1
        case dim = 2
        case reverse = 7
    }

    private var runs: [(text: String, style: Style)] = []
    private(set) var columns = 0

    init() {}

    init(_ text: String, _ style: Style = .plain) { append(text, style) }

    /// Appends a printable text.
    mutating func append(_ text: String, _ style: Style = .plain) {
        columns += text.columns
        if let last = runs.last, last.style == style {
            runs[runs.count - 1].text += text
        } else {
            runs.append((text, style))
        }
    }

    /// The line in exactly `width` columns: cut with an ellipsis, or padded with blanks.
    func fitted(to width: Int) -> ScreenLine {
        var line = ScreenLine()
        for (text, style) in runs {
            let left = width - line.columns
            line.append(text.columns > left ? text.fitted(to: max(0, left)) : text, style)
        }
        let style = line.runs.last?.style == .reverse ? Style.reverse : .plain
        line.append(String(repeating: " ", count: max(0, width - line.columns)), style)
        return line
    }

    /// The text without styles.
    var text: String { runs.map(\.text).joined() }

    /// The text with control sequences for the styles.
    ///
    /// Blanks at the end are replaced by a clear to the end of the line, so that nothing stays of a
    /// line that the terminal took for wider.
    func sequence(_ encoding: TextEncoding) -> String {
        var runs = runs
        var clear = ""
        if let last = runs.last, last.style == .plain, last.text.hasSuffix(" ") {
            runs[runs.count - 1].text.trimBlanksAtEnd()
            clear = "\u{1B}[K"
        }
        let texts = runs.map { text, style in
            let text = encoding.encode(text)
            guard style != .plain, !text.isEmpty else { return text }
            return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
        }
        return texts.joined() + clear
    }

    /// The control sequences that draw a whole screen, each line over the one that was there.
    ///
    /// A terminal that supports mode 2026 shows the lines at once.
    static func frame(_ lines: [ScreenLine], _ encoding: TextEncoding) -> String {
        let rows = lines.enumerated().map { "\u{1B}[\($0 + 1);1H" + $1.sequence(encoding) }
        return "\u{1B}[?2026h" + rows.joined() + "\u{1B}[?2026l"
    }
}
