internal import Federation
internal import Host

/// The texts that a settings file and the environment give for settings, before any is parsed.
struct GivenSettings {
    /// A text without blanks around it, and where it was written.
    struct Text {
        var text: String
        var origin: ValueOrigin
    }

    /// By key, including keys that are no settings; a blank text counts as unset.
    private(set) var texts: [String: Text]
    /// The settings file; nil if there is none, it cannot be read, or it was not read again.
    private(set) var file: (path: String, contents: EnvironmentFile)?
    /// Keys of the settings file that the environment overrides.
    private(set) var masked: [LoadedSettings.Masked] = []
    private(set) var faults = SettingFaults()

    /// The texts of an earlier start or reload; the file is not read again.
    init(texts: [String: Text]) {
        self.texts = texts
    }

    /// The environment takes precedence over the file, key by key.
    init(environment: [String: String], file path: String?) {
        self.init(texts: [:])
        if let path { readFile(path) }
        readEnvironment(environment)
    }

    subscript(key: String) -> Text? { texts[key] }

    private mutating func readFile(_ path: String) {
        do throws(FileFault) {
            let bytes = try contents(of: path, atMost: EnvironmentFile.maximumBytes)
            let file = EnvironmentFile(parsing: bytes, path: path)
            for fault in file.faults { faults.report(fault) }
            self.file = (path, file)
            for entry in file.entries {
                set(entry.key, entry.value, .file(path, line: entry.line))
            }
        } catch {
            faults.report("--config", path, error.description, .file(path, line: 0))
        }
    }

    private mutating func readEnvironment(_ environment: [String: String]) {
        for (key, text) in environment where !text.trimmingBlanks.isEmpty {
            if let hidden = texts[key], SettingsTable.setting(key) != nil {
                masked.append(.init(key: key, origin: hidden.origin))
            }
            set(key, text, .environment)
        }
        masked.sort { $0.key < $1.key }
        // systemd passes the directory that it created, or several separated by colons.
        if texts["NOVA_FED_STATE_DIR"] == nil,
            let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first
        {
            set("NOVA_FED_STATE_DIR", String(directory), .environment)
        }
    }

    private mutating func set(_ key: String, _ text: String, _ origin: ValueOrigin) {
        let text = String(text.trimmingBlanks)
        if !text.isEmpty { texts[key] = Text(text: text, origin: origin) }
    }
}
