import ArgumentParser
import FoundationEssentials
import Host
import Settings

/// The options of every command that runs by the settings, and how they become settings.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of KEY=VALUE lines; the environment wins over it.",
            valueName: "file"
        )
    )
    var config: String?

    /// The settings of this process's environment and of the file.
    ///
    /// - Throws: `ExitCode` 78 once every fault is said on standard error.
    func load() throws(ExitCode) -> LoadedSettings {
        do throws(SettingFaults) {
            return try Settings.load(
                environment: ProcessInfo.processInfo.environment,
                file: config,
                fileLimit: FileLimit.hard()
            )
        } catch {
            let lines = error.lines
            StandardStream.report(lines.joined(separator: "\n"))
            throw ExitStatus.settings.code
        }
    }
}
