internal import Federation
internal import Host

/// The settings in a settings file and in the environment, not parsed yet.
struct GivenSettings {
    /// A value without surrounding blanks.
    struct Text {
        var text: String
        var origin: ValueOrigin
    }

    /// By key, including unknown keys; without blank values, which count as unset.
    private(set) var texts: [String: Text]
    /// The settings file; nil if there is none, it cannot be read, or it was not read again.
    private(set) var file: (path: String, contents: EnvironmentFile)?
    /// Notes about keys of the settings file that the environment overrides.
    private(set) var masked: [String] = []
    private(set) var faults = SettingFaults()

    /// Takes the settings of an earlier start or reload; the file is not read again.
    init(texts: [String: Text]) {
        self.texts = texts
    }

    /// The environment takes precedence over the file, key by key.
    init(environment: [String: String], file path: String?) {
        self.init(texts: [:])
        if let path { readFile(path) }
        for (key, text) in environment.sorted(by: { $0.key < $1.key })
        where !text.trimmingBlanks.isEmpty {
            if let hidden = texts[key], SettingsTable.setting(key) != nil {
                masked.append("\(hidden.origin): \(key) is masked by the environment")
            }
            set(key, text, .environment)
        }
        // systemd passes the directory that it created, or several separated by colons.
        if texts["NOVA_FED_STATE_DIR"] == nil,
            let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first
        {
            set("NOVA_FED_STATE_DIR", String(directory), .environment)
        }
    }

    subscript(key: String) -> Text? { texts[key] }

    private mutating func readFile(_ path: String) {
        do throws(FileFault) {
            let bytes = try contents(of: path, atMost: EnvironmentFile.maximumBytes)
            let file = EnvironmentFile(parsing: bytes, path: path)
            faults.merge(file.faults)
            self.file = (path, file)
            for entry in file.entries {
                set(entry.key, entry.value, .file(path, line: entry.line))
            }
        } catch {
            faults.report("--config", path, error.description, .file(path, line: 0))
        }
    }

    private mutating func set(_ key: String, _ text: String, _ origin: ValueOrigin) {
        let text = String(text.trimmingBlanks)
        if !text.isEmpty { texts[key] = Text(text: text, origin: origin) }
    }
}
