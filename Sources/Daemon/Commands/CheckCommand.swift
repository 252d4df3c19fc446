import ArgumentParser
import Federation
import Host
import Settings

/// `nova-federation check`: validates the settings and shows them.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the settings and show what would be in effect.",
        discussion: """
            Reads the settings and the files they name; starts nothing, contacts no host and \
            writes no file. Prints every fault on standard error, with its key, its value, what \
            is allowed and, in a file, its line.

            Exit codes: 0 the settings are valid, 64 wrong usage, 74 the output cannot be \
            written, 78 invalid settings.

            EXAMPLE
              nova-federation check --config /etc/nova-federation/nova-federation.env
              NOVA_FED_SYNC_TIMEOUT=60 nova-federation check
              nova-federation check --template >nova-federation.env

            SETTINGS
            \(SettingsReference.text)
            """
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a settings file with every setting explained and commented out.")
    var template = false

    func validate() throws {
        guard !template || options.config == nil else {
            throw ValidationError("--template reads no file; omit --config")
        }
    }

    func run() throws {
        let text =
            template
            ? SettingsReference.template : SettingsReport(of: try options.load()).text + "\n"
        try StandardStream.output.write(text)
    }
}
