/// Settings, and how they came about.
struct LoadedSettings: Sendable {
    var settings: Settings
    /// Where each key's value came from.
    var origins: [String: ValueOrigin]
    /// Keys of the settings file that the environment hides.
    var masked: [Masked] = []
    /// What does not stop the start and is worth a line in the log.
    var warnings: [String] = []

    /// A key of the settings file that has no effect.
    struct Masked: Hashable, Sendable, CustomStringConvertible {
        var key: String
        /// The line of the file.
        var origin: ValueOrigin

        var description: String { "\(origin): \(key) is masked by the environment" }
    }
}
