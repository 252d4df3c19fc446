internal import Federation
internal import Host

/// The steps of `Settings.load`, in the order in which they are declared.
struct SettingsLoading {
    /// A text and where it stands.
    struct Given {
        var text: String
        var origin: ValueOrigin
    }

    var result: LoadedSettings
    var faults = SettingFaults()
    /// What was given for each key, known or not, unless it is blank.
    private(set) var given: [String: Given]
    /// The settings file, once it is read.
    private(set) var file: (path: String, contents: EnvironmentFile)?
    /// The settings in force; nil at a start.
    let running: Settings?

    /// Begins with what was `given` before, or with nothing.
    init(fileLimit: Int, running: Settings? = nil, given: [String: Given] = [:]) {
        result = LoadedSettings(settings: Settings(fileLimit: fileLimit), origins: [:])
        self.running = running
        self.given = given
    }

    mutating func readFile(_ path: String) {
        do throws(FileFault) {
            let bytes = try contents(of: path, atMost: EnvironmentFile.maximumBytes)
            let file = EnvironmentFile(parsing: bytes, path: path)
            for fault in file.faults { faults.report(fault) }
            result.warnings += file.warnings
            self.file = (path, file)
            for entry in file.entries {
                give(entry.key, entry.value, .file(path, line: entry.line))
            }
        } catch {
            faults.report(fault("--config", path, error.description, .file(path, line: 0)))
        }
    }

    mutating func readEnvironment(_ environment: [String: String]) {
        for (key, text) in environment where !text.trimmingBlanks.isEmpty {
            if let hidden = given[key], SettingsTable.setting(key) != nil {
                result.masked.append(.init(key: key, origin: hidden.origin))
            }
            give(key, text, .environment)
        }
        result.masked.sort { $0.key < $1.key }
        // systemd hands over the directory that it made, or several with colons between them.
        if given["NOVA_FED_STATE_DIR"] == nil,
            let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first
        {
            give("NOVA_FED_STATE_DIR", String(directory), .environment)
        }
    }

    private mutating func give(_ key: String, _ text: String, _ origin: ValueOrigin) {
        let text = String(text.trimmingBlanks)
        if !text.isEmpty { given[key] = Given(text: text, origin: origin) }
    }

    mutating func readTable() {
        for setting in SettingsTable.all {
            guard let value = given[setting.key] else { continue }
            result.origins[setting.key] = value.origin
            if !setting.read(value.text, &result.settings) {
                let reason = "allowed: \(setting.allowed)"
                faults.report(fault(setting.key, value.text, reason, value.origin))
            }
        }
    }

    /// The one setting that is derived unless it is set, and that only a restart changes.
    private static let connectionsKey = "NOVA_FED_MAX_CONNECTIONS"

    mutating func derive() {
        result.origins[Settings.fileLimitKey] = .system
        if given["NOVA_FED_MAX_IN_FLIGHT"] != nil {
            result.settings.claimedInFlight = result.settings.maxInFlight
        }
        if given[Self.connectionsKey] != nil {
            result.settings.claimedConnections = result.settings.maxConnections
        }
        for setting in SettingsTable.all where given[setting.key] == nil {
            setting.derive?(&result.settings)
            result.origins[setting.key] = setting.derive == nil ? .standard : .derived
        }
    }

    /// Leaves what needs a restart as it is in force, and derives all else from that.
    mutating func keepFixed() {
        guard let running else { return }
        let fixed = SettingsTable.all.filter(\.restart)
        // What nobody set and only follows from other settings waits for nothing.
        let isDerived =
            running.claimedConnections == nil && result.settings.claimedConnections == nil
        result.waiting = fixed.filter { !$0.isSame(running, result.settings) }.map(\.key)
            .filter { $0 != Self.connectionsKey || !isDerived }
        for setting in fixed { setting.copy(running, &result.settings) }
        result.settings.claimedConnections = running.claimedConnections
        for setting in SettingsTable.all where given[setting.key] == nil && !setting.restart {
            setting.derive?(&result.settings)
        }
    }

    /// Checks the rules, but none of which a part is at fault already.
    mutating func checkRules() {
        let faulty = faults.keys
        for rule in Settings.rules where faulty.isDisjoint(with: rule.keys) {
            guard let breach = rule.breach(result.settings) else { continue }
            // A default is not to blame for what the system limits.
            let limit = rule.keys.first { $0 == Settings.fileLimitKey }
            let key = rule.keys.first { given[$0] != nil } ?? limit ?? rule.keys[0]
            let shown = SettingsTable.setting(key)?.show(result.settings)
            faults.report(fault(key, shown, breach, result.origins[key] ?? .standard))
        }
    }

    mutating func warn() {
        let unknown = given.keys.filter(KnownKeys.isUnknown).sorted()
        result.warnings += unknown.map { key in
            let origin = given[key]?.origin ?? .environment
            let hint = KnownKeys.closest(to: key).map { "; did you mean \($0)?" } ?? ""
            return "\(origin): \(key) is not a setting\(hint)"
        }
        result.warnings += result.settings.warnings
    }

    /// What all of it came to.
    func loaded() throws(SettingFaults) -> LoadedSettings {
        guard faults.isEmpty else { throw faults }
        var loaded = result
        loaded.given = given
        return loaded
    }

    func fault(
        _ key: String,
        _ value: String?,
        _ reason: String,
        _ origin: ValueOrigin
    ) -> SettingFault {
        SettingFault(key: key, value: value, reason: reason, origin: origin)
    }
}
