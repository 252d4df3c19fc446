extension Settings {
    /// Reads, checks and completes the settings.
    ///
    /// - Parameters:
    ///   - environment: wins over the file, key by key; a blank value is as good as none.
    ///   - file: the path of an `EnvironmentFile`, or nil.
    ///   - fileLimit: how many files the process may have open.
    ///   - running: the settings in force, of which those stay that need a restart; nil at a start.
    /// - Returns: the settings, and what there is to say of them.
    /// - Throws: everything that is wrong, at once.
    static func load(
        environment: [String: String],
        file: String?,
        fileLimit: Int,
        running: Settings? = nil
    ) throws(SettingFaults) -> LoadedSettings {
        var loading = SettingsLoading(fileLimit: fileLimit)
        if let file { loading.readFile(file) }
        loading.readEnvironment(environment)
        return try loading.settings(after: running)
    }
}

extension LoadedSettings {
    /// Reads the peers file again; everything else is as it was given before.
    func withPeersReread() throws(SettingFaults) -> LoadedSettings {
        let loading = SettingsLoading(fileLimit: settings.fileLimit, given: given)
        return try loading.settings(after: settings)
    }
}

extension SettingsLoading {
    /// Makes settings of what was given.
    fileprivate consuming func settings(
        after running: Settings?
    ) throws(SettingFaults) -> LoadedSettings {
        readTable()
        readPeers()
        readAuthorities()
        derive()
        if let running { keepFixed(of: running) }
        checkRules()
        warn()
        return try loaded()
    }
}
