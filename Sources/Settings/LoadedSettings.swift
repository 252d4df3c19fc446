package import Host

/// Valid settings with their origins, warnings and notes.
package struct LoadedSettings: Sendable {
    package var settings: Settings
    /// By key.
    var origins: [String: ValueOrigin]
    /// Notes about keys of the settings file that the environment overrides.
    var masked: [String] = []
    /// The unparsed settings, by key.
    var given: [String: GivenSettings.Text] = [:]
    /// The number of certificates in NOVA_FED_CA_FILE; nil without the file.
    var certificateCount: Int?
    /// The state of the peers file when it was read; nil without the file.
    package var peersFile: FileStamp?
    /// The certificates, keys and tokens in use.
    package var trust = TrustFiles()
    /// Changed settings that keep their running value until a restart.
    package var pendingRestart: [String] = []
    /// Probable mistakes that do not prevent startup; they are logged.
    package var warnings: [String] = []
    /// Effects that are not mistakes; they are logged too.
    package var notes: [String] {
        masked + [settings.shrunkDefaults].compactMap(\.self)
    }
}
