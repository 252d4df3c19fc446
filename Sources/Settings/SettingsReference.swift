/// The table of settings as a text: for `--help`, for docs/settings.md, and as a file to fill in.
package enum SettingsReference {
    /// A paragraph for each setting, for a terminal of 80 columns.
    package static var text: String {
        SettingsTable.all
            .map { setting in
                ([setting.key] + explained(setting).map { "    " + $0 }).joined(separator: "\n")
            }
            .joined(separator: "\n")
    }

    /// A file for `--config` in which every setting is explained and none is set.
    package static var template: String {
        let opening = """
            # The settings of nova-federation. A line KEY=VALUE sets one; a line that begins with #
            # is a comment. As it stands here nothing is set, and federation is off.
            #
            # To pull peers, set FEDERATION_ENABLED=1, NOVA_FED_SYNC_ENABLED=1 and NOVA_FED_PEERS.
            # `nova-federation check --config FILE` tells what a file comes to, and every fault.
            """
        let paragraphs = SettingsTable.all.map { setting in
            (explained(setting).map { "# " + $0 } + ["#\(setting.key)="]).joined(separator: "\n")
        }
        return ([opening] + paragraphs).joined(separator: "\n\n") + "\n"
    }

    /// What there is to say of a setting, in lines.
    private static func explained(_ setting: Setting) -> [String] {
        wrapped(setting.explanation) + wrapped("allowed: " + setting.allowed)
            + wrapped("default: " + setting.fallback)
    }

    /// A table in Markdown, its rows in the order of reading.
    static var markdown: String {
        let rows = SettingsTable.all.map { setting in
            let cells = [setting.fallback, setting.allowed, setting.explanation].map(escaped)
            return "| `\(setting.key)` | \(cells.joined(separator: " | ")) |"
        }
        return (["| key | default | allowed | meaning |", "|---|---|---|---|"] + rows)
            .joined(separator: "\n") + "\n"
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
