import Pages

/// The characters that the terminal can show, by the locale.
enum TextEncoding: Sendable {
    case utf8
    case ascii

    /// The first variable that is set decides, as in setlocale(3).
    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
            .first { !$0.isEmpty }
        let name = (locale ?? "").lowercased()
        self = name.contains("utf-8") || name.contains("utf8") ? .utf8 : .ascii
    }

    /// The bars of a sparkline, the cross and the ellipsis.
    private static let replacements: [UnicodeScalar: String] = [
        "▁": ".", "▂": ":", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "#", "█": "@",
        "×": "x", "…": "~",
    ]

    /// The text with a question mark for each column that this encoding cannot show.
    func encode(_ text: String) -> String {
        guard self == .ascii, text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        var encoded = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                encoded.unicodeScalars.append(scalar)
            } else {
                encoded +=
                    Self.replacements[scalar] ?? String(repeating: "?", count: scalar.columns)
            }
        }
        return encoded
    }
}
