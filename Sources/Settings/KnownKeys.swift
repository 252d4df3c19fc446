/// Detects misspelled keys; the keys that Nova reads from the same file are not misspelled.
enum KnownKeys {
    /// Keys with our prefix that only Nova uses; docs/nova-env.md lists all its keys.
    private static let nova: Set = [
        "NOVA_FED_SCRAPE_INTERVAL", "NOVA_FED_SCRAPE_TIMEOUT", "NOVA_FED_SCRAPE_MAX_INTERVAL",
        "NOVA_FED_FORCE_ERRORS", "NOVA_FED_MOCK_PEERS", "NOVA_FED_MOCK_STD",
    ]

    /// Whether a key has our prefix, but neither this service nor Nova uses it.
    static func isUnknown(_ key: String) -> Bool {
        key.hasPrefix("NOVA_FED_") && !nova.contains(key) && SettingsTable.setting(key) == nil
    }

    /// The most similar setting, if its edit distance is at most 3.
    static func closest(to key: String) -> String? {
        guard key.utf8.count <= 64 else { return nil }
        let all = SettingsTable.all.map { (distance($0.key, key), $0.key) }
        return all.filter { $0.0 <= 3 }.min(by: <)?.1
    }

    /// The Levenshtein distance: the number of bytes to insert, delete or replace.
    private static func distance(_ left: String, _ right: String) -> Int {
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
