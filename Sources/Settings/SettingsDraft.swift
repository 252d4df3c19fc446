internal import Federation
internal import Host

/// Settings that are parsed, but not complete and not checked yet.
///
///     GivenSettings ──parse──▶ SettingsDraft ──read files, check──▶ LoadedSettings
struct SettingsDraft {
    let given: GivenSettings
    /// The settings in force; nil at startup.
    let running: Settings?
    var loaded: LoadedSettings
    var faults: SettingFaults

    /// Parses every setting of the table that is given.
    init(_ given: GivenSettings, fileLimit: Int, running: Settings?) {
        self.given = given
        self.running = running
        faults = given.faults
        loaded = LoadedSettings(
            settings: Settings(fileLimit: fileLimit),
            origins: [Settings.fileLimitKey: .system],
            masked: given.masked,
            given: given.texts
        )
        loaded.warnings = given.file?.contents.warnings ?? []
        for setting in SettingsTable.all {
            guard let value = given[setting.key] else { continue }
            loaded.origins[setting.key] = value.origin
            if !setting.read(value.text, &loaded.settings) {
                let reason = "allowed: \(setting.allowed)"
                faults.report(setting.key, value.text, reason, value.origin)
            }
        }
    }

    /// Completes and checks the settings.
    ///
    /// The rules must hold for the settings of a start, and for those in force until then.
    consuming func checked() throws(SettingFaults) -> LoadedSettings {
        derive()
        checkRules()
        keepUntilRestart()
        checkRules(Settings.rules.filter(\.holdsUntilRestart))
        warn()
        guard faults.isEmpty else { throw faults }
        return loaded
    }

    /// The only derived setting that needs a restart.
    private static let connectionsKey = "NOVA_FED_MAX_CONNECTIONS"

    private mutating func derive() {
        if given["NOVA_FED_MAX_IN_FLIGHT"] != nil {
            loaded.settings.configuredInFlight = loaded.settings.maxInFlight
        }
        if given[Self.connectionsKey] != nil {
            loaded.settings.configuredConnections = loaded.settings.maxConnections
        }
        for setting in SettingsTable.all where given[setting.key] == nil {
            setting.derive?(&loaded.settings)
            loaded.origins[setting.key] = setting.derive == nil ? .standard : .derived
        }
    }

    /// Keeps the running values of settings that need a restart, and derives the others from them.
    private mutating func keepUntilRestart() {
        guard let running else { return }
        let kept = SettingsTable.all.filter(\.restart)
        // A derived value changes with other settings, so its change is not reported as pending.
        let isDerived =
            running.configuredConnections == nil && loaded.settings.configuredConnections == nil
        loaded.pendingRestart = kept.filter { !$0.isSame(running, loaded.settings) }.map(\.key)
            .filter { $0 != Self.connectionsKey || !isDerived }
        for setting in kept { setting.copy(running, &loaded.settings) }
        loaded.settings.configuredConnections = running.configuredConnections
        for setting in SettingsTable.all where given[setting.key] == nil && !setting.restart {
            setting.derive?(&loaded.settings)
        }
    }

    /// Checks the rules between settings, skipping rules about settings that already failed.
    private mutating func checkRules(_ rules: [Settings.Rule] = Settings.rules) {
        let faulty = faults.keys
        for rule in rules where faulty.isDisjoint(with: rule.keys) {
            guard let breach = rule.breach(loaded.settings) else { continue }
            let key =
                rule.keys.first { given[$0] != nil || $0 == Settings.fileLimitKey } ?? rule.keys[0]
            let value = SettingsTable.setting(key)?.show(loaded.settings)
            faults.report(key, value, breach, loaded.origins[key] ?? .standard)
        }
    }

    private mutating func warn() {
        for key in given.texts.keys.filter(KnownKeys.isUnknown).sorted() {
            let origin = given[key]?.origin ?? .environment
            let hint = KnownKeys.closest(to: key).map { "; did you mean \($0)?" } ?? ""
            loaded.warnings.append("\(origin): \(key) is not a setting\(hint)")
        }
        loaded.warnings += loaded.settings.warnings
    }
}
