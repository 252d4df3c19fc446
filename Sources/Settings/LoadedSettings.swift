package import Host

/// Valid settings, with where they came from and what an operator should know about them.
package struct LoadedSettings: Sendable {
    package var settings: Settings
    /// Where the value of each key came from.
    var origins: [String: ValueOrigin]
    /// Keys of the settings file that the environment overrides.
    var masked: [Masked] = []
    /// The texts that the settings were parsed from, by key.
    var given: [String: GivenSettings.Text] = [:]
    /// The number of certificates in NOVA_FED_CA_FILE; nil without the file.
    var certificateCount: Int?
    /// The state of the peers file when it was read; nil without the file.
    package var peersFile: FileStamp?
    /// Changed settings that keep their running value until a restart.
    package var pendingRestart: [String] = []
    /// Probable mistakes that do not prevent startup; they are logged.
    package var warnings: [String] = []
    /// Effects that are not mistakes; they are logged too.
    package var notes: [String] {
        masked.map(\.description) + [settings.shrunkDefaults].compactMap(\.self)
    }

    /// A key of the settings file that has no effect.
    struct Masked: Hashable, Sendable, CustomStringConvertible {
        var key: String
        /// The line of the file.
        var origin: ValueOrigin

        var description: String { "\(origin): \(key) is masked by the environment" }
    }
}
