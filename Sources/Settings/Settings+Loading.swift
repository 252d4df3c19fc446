extension Settings {
    /// Reads, checks and completes the settings.
    ///
    /// - Parameters:
    ///   - environment: takes precedence over the file, key by key; a blank value is unset.
    ///   - file: the path of a settings file (`EnvironmentFile`), or nil.
    ///   - fileLimit: the hard limit of open files, up to which the process raises its own.
    ///   - running: the settings in force, or nil at startup; those that need a restart are kept.
    ///   - trust: the certificates and tokens in use, or nil at startup.
    /// - Returns: valid settings with their warnings and notes.
    /// - Throws: all faults at once.
    package static func load(
        environment: [String: String],
        file: String?,
        fileLimit: Int,
        running: Settings? = nil,
        trust: TrustFiles? = nil
    ) throws(SettingFaults) -> LoadedSettings {
        let given = GivenSettings(environment: environment, file: file)
        var draft = SettingsDraft(given, fileLimit: fileLimit, running: running)
        draft.readPeers()
        draft.readTrust(running: trust)
        return try draft.checked()
    }

    /// The keys of settings with another value than in `before`, in the order of the table.
    package func keys(changedFrom before: Settings) -> [String] {
        SettingsTable.all.filter { !$0.isSame(before, self) }.map(\.key)
    }
}

extension LoadedSettings {
    /// Reads the peers file again, but neither the environment nor the settings file.
    package func withPeersReread() throws(SettingFaults) -> LoadedSettings {
        let given = GivenSettings(texts: given)
        var draft = SettingsDraft(given, fileLimit: settings.fileLimit, running: settings)
        draft.readPeers()
        draft.loaded.trust = trust
        return try draft.checked()
    }

    /// Reads the files of certificates, keys and tokens again, but nothing else.
    package func withTrustReread() throws(SettingFaults) -> LoadedSettings {
        let given = GivenSettings(texts: given)
        var draft = SettingsDraft(given, fileLimit: settings.fileLimit, running: settings)
        draft.loaded.settings.peers = settings.peers
        draft.loaded.peersFile = peersFile
        draft.readTrust(running: trust)
        return try draft.checked()
    }
}
