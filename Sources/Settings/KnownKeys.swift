/// Detects misspelled keys; the keys that Nova reads from the same file are not misspelled.
enum KnownKeys {
    /// Only unknown keys with this prefix cause a warning.
    static let prefix = "NOVA_FED_"

    /// Keys with the prefix that only Nova uses; docs/nova-env.md lists all its keys.
    static let nova: Set<String> = [
        "NOVA_FED_SCRAPE_INTERVAL", "NOVA_FED_SCRAPE_TIMEOUT", "NOVA_FED_SCRAPE_MAX_INTERVAL",
        "NOVA_FED_FORCE_ERRORS", "NOVA_FED_MOCK_PEERS", "NOVA_FED_MOCK_STD",
    ]

    /// Whether a key has the prefix, but neither this service nor Nova uses it.
    static func isUnknown(_ key: String) -> Bool {
        key.hasPrefix(prefix) && !nova.contains(key) && SettingsTable.setting(key) == nil
    }

    /// The most similar setting, if its edit distance is at most 3.
    static func closest(to key: String) -> String? {
        guard key.utf8.count <= 64 else { return nil }
        return SettingsTable.all.map(\.key).map { (distance($0, key), $0) }
            .filter { $0.0 <= 3 }.min { $0 < $1 }?
            .1
    }

    /// The Levenshtein distance: the number of bytes to insert, delete or replace.
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
