/// The table of settings as text: for `--help`, for docs/settings.md, and as a template.
package enum SettingsReference {
    /// One paragraph per setting, for a terminal of 80 columns.
    package static var text: String {
        SettingsTable.all
            .map { setting in
                ([setting.key] + explained(setting).map { "    " + $0 }).joined(separator: "\n")
            }
            .joined(separator: "\n")
    }

    /// A file for `--config` that explains every setting and sets none.
    package static var template: String {
        let opening = """
            # Settings of nova-federation, one KEY=VALUE per line. A line that begins with # is a
            # comment. This file sets nothing yet, so federation is off.
            #
            # To pull peers, set FEDERATION_ENABLED=1, NOVA_FED_SYNC_ENABLED=1 and NOVA_FED_PEERS.
            # `nova-federation check --config FILE` shows the effective settings, or every error.
            """
        let paragraphs = SettingsTable.all.map { setting in
            (explained(setting).map { "# " + $0 } + ["#\(setting.key)="]).joined(separator: "\n")
        }
        return ([opening] + paragraphs).joined(separator: "\n\n") + "\n"
    }

    /// The meaning, allowed values and default of a setting, in lines.
    private static func explained(_ setting: Setting) -> [String] {
        wrapped(setting.explanation) + wrapped("allowed: " + setting.allowed)
            + wrapped("default: " + setting.fallback)
    }

    /// The table in Markdown, in the order of `SettingsTable.all`.
    static var markdown: String {
        let rows = SettingsTable.all.map { setting in
            let cells = [setting.fallback, setting.allowed, setting.explanation].map(escaped)
            return "| `\(setting.key)` | \(cells.joined(separator: " | ")) |"
        }
        return (["| key | default | allowed | meaning |", "|---|---|---|---|"] + rows)
            .joined(separator: "\n") + "\n"
    }

    /// Escapes the characters that have a meaning in a Markdown table.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "*<|".contains($1) ? "\\\($1)" : String($1) }
    }

    /// Breaks a text into lines of at most 72 characters.
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
