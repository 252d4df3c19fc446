extension Settings {
    /// Reads, checks and completes the settings.
    ///
    /// - Parameters:
    ///   - environment: wins over the file, key by key; a blank value is as good as none.
    ///   - file: the path of an `EnvironmentFile`, or nil.
    ///   - fileLimit: how many files the process may have open.
    /// - Returns: the settings, and what there is to say of them.
    /// - Throws: everything that is wrong, at once.
    static func load(
        environment: [String: String],
        file: String?,
        fileLimit: Int
    ) throws(SettingFaults) -> LoadedSettings {
        var loading = SettingsLoading(fileLimit: fileLimit)
        if let file { loading.readFile(file) }
        loading.readEnvironment(environment)
        loading.readTable()
        loading.readPeers()
        loading.readAuthorities()
        loading.derive()
        loading.checkRules()
        loading.warn()
        guard loading.faults.isEmpty else { throw loading.faults }
        return loading.result
    }
}
