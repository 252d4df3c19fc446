@testable import Settings

/// The settings of an environment and a file, with a limit of open files that fits the defaults.
func load(_ environment: [String: String], file: String? = nil) throws -> LoadedSettings {
    try Settings.load(environment: environment, file: file, fileLimit: 20_000)
}
