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
    package static func load(
        environment: [String: String],
        file: String?,
        fileLimit: Int,
        running: Settings? = nil
    ) throws(SettingFaults) -> LoadedSettings {
        var loading = SettingsLoading(fileLimit: fileLimit, running: running)
        if let file { loading.readFile(file) }
        loading.readEnvironment(environment)
        loading.readTable()
        loading.readPeers()
        loading.readAuthorities()
        return try loading.settings()
    }
}

extension LoadedSettings {
    /// Reads the peers file again; everything else is as it was given before.
    package func withPeersReread() throws(SettingFaults) -> LoadedSettings {
        var loading = SettingsLoading(
            fileLimit: settings.fileLimit,
            running: settings,
            given: given
        )
        loading.readTable()
        loading.readPeers()
        return try loading.settings()
    }
}

extension SettingsLoading {
    /// Makes settings of what was read.
    ///
    /// First such as a start would have, and then such as can be in force before one; both must
    /// keep the rules.
    fileprivate consuming func settings() throws(SettingFaults) -> LoadedSettings {
        derive()
        checkRules()
        keepFixed()
        checkRules()
        warn()
        return try loaded()
    }
}
