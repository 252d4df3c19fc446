package import Host

/// Settings, and how they came about.
package struct LoadedSettings: Sendable {
    package var settings: Settings
    /// Where each key's value came from.
    var origins: [String: ValueOrigin]
    /// Keys of the settings file that the environment hides.
    var masked: [Masked] = []
    /// The texts that they were read from, by key.
    var given: [String: SettingsLoading.Given] = [:]
    /// How many certificates NOVA_FED_CA_FILE has; nil without it.
    var authorities: Int?
    /// What the peers file was like when it was read; nil without one.
    package var peersFile: FileStamp?
    /// The settings that were given another value and keep the one they have until a restart.
    package var waiting: [String] = []
    /// What does not stop the start and is worth a line in the log.
    package var warnings: [String] = []
    /// What is worth knowing, and no mistake.
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
