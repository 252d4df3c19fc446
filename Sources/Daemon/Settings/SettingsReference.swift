/// The table of settings as a text: for `--help`, and for the README.
enum SettingsReference {
    /// A paragraph for each setting, for a terminal of 80 columns.
    static var text: String {
        SettingsTable.all
            .map { setting in
                let lines = [
                    wrapped(meaning(of: setting)), wrapped("allowed: " + setting.allowed),
                    wrapped("default: " + setting.fallback),
                ]
                return ([setting.key] + lines.joined().map { "    " + $0 }).joined(separator: "\n")
            }
            .joined(separator: "\n")
    }

    /// A table in Markdown, its rows in the order of reading.
    static var markdown: String {
        let rows = SettingsTable.all.map { setting in
            let cells = [setting.fallback, setting.allowed, meaning(of: setting)].map(escaped)
            return "| `\(setting.key)` | \(cells.joined(separator: " | ")) |"
        }
        return (["| key | default | allowed | meaning |", "|---|---|---|---|"] + rows)
            .joined(separator: "\n") + "\n"
    }

    private static func meaning(of setting: Setting) -> String {
        setting.meaning + (setting.needsRestart ? "; to change it, restart" : "")
    }

    /// The text with the characters escaped that mean something in a cell.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "*<|".contains($1) ? "\\\($1)" : String($1) }
    }

    /// The words of a text in lines of at most 72 characters.
    private static func wrapped(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count <= 72 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
