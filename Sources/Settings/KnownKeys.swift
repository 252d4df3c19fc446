/// The keys that are nobody's mistake: ours, and those that a Nova node reads from the same file.
enum KnownKeys {
    /// What every key begins with of which an unknown one is worth a warning.
    static let prefix = "NOVA_FED_"

    /// Keys with our prefix that only the original knows; docs/nova-env.md lists all.
    static let original: Set<String> = [
        "NOVA_FED_SCRAPE_INTERVAL", "NOVA_FED_SCRAPE_TIMEOUT", "NOVA_FED_SCRAPE_MAX_INTERVAL",
        "NOVA_FED_FORCE_ERRORS", "NOVA_FED_MOCK_PEERS", "NOVA_FED_MOCK_STD",
    ]

    /// Whether the key looks like one of ours and is not, nor one of the original's.
    static func isUnknown(_ key: String) -> Bool {
        key.hasPrefix(prefix) && !original.contains(key) && SettingsTable.setting(key) == nil
    }

    /// The setting that was probably meant: the nearest, if it is at most three edits away.
    static func closest(to key: String) -> String? {
        guard key.utf8.count <= 64 else { return nil }
        return SettingsTable.all.map(\.key).map { (distance($0, key), $0) }
            .filter { $0.0 <= 3 }.min { $0 < $1 }?
            .1
    }

    /// The edit distance (Levenshtein): how many bytes to insert, drop or replace.
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
