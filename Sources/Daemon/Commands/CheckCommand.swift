import ArgumentParser
import Federation
import Host
import Settings

/// The subcommand that validates the settings and shows them.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the settings and show what would be in effect.",
        discussion: """
            Starts nothing, contacts nobody and writes nothing. Every fault is told at once on \
            standard error, with its key, its value, what is allowed and, for a file, its line.

            Exit codes: 0 the settings are good, 64 wrong usage, 74 the output cannot be \
            written, 78 faults.

            EXAMPLE
              nova-federation check --config /etc/nova-federation/nova-federation.env
              NOVA_FED_SYNC_TIMEOUT=60 nova-federation check
              nova-federation check --template >nova-federation.env

            SETTINGS
            \(SettingsReference.text)
            """
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a file for --config that explains every setting and sets none, and end.")
    var template = false

    func validate() throws {
        guard !template || options.config == nil else {
            throw ValidationError("--template reads no file; leave --config out")
        }
    }

    func run() throws {
        let text =
            template
            ? SettingsReference.template : SettingsReport(of: try options.load()).text + "\n"
        try StandardStream.output.write(text)
    }
}
