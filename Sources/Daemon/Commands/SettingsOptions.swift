import ArgumentParser
import FoundationEssentials
import Host
import Settings

/// The options of every command that reads settings.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Settings file with KEY=VALUE lines; the environment overrides it.",
            valueName: "file"
        )
    )
    var config: String?

    /// Loads the settings from the environment and the file.
    ///
    /// `fileLimit` is the limit of open files from which some defaults follow.
    ///
    /// - Throws: `ExitCode` 78, after printing every fault on standard error.
    func load(fileLimit: Int = FileLimit.hard()) throws(ExitCode) -> LoadedSettings {
        do throws(SettingFaults) {
            return try Settings.load(
                environment: ProcessInfo.processInfo.environment,
                file: config,
                fileLimit: fileLimit
            )
        } catch {
            StandardStream.report(error.lines.joined(separator: "\n"))
            throw ExitStatus.settings.code
        }
    }
}
