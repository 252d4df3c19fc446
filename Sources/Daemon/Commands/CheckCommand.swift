import ArgumentParser
import Federation
import Host
import JSON
import NodeClient
import Settings

/// `nova-federation check`: validates the settings and shows them.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the settings and show the effective values.",
        discussion: """
            Reads the settings and the files they name; starts nothing, contacts no host and \
            writes no file. Prints every fault on standard error, with its key, its value, what \
            is allowed and, in a file, its line.

            --against prints what a reload or a restart of a running node would change: keys with \
            their old and new values, and peers that are added, removed or renamed. The \
            node is the URL argument, by default the address in FEDERATION_BIND.

            Exit codes: 0 the settings are valid, 64 wrong usage, 74 the output cannot be \
            written, 78 invalid settings. With --against: 0 there is no difference, 2 a reload \
            would apply all differences, 3 some need a restart, 69 no usable response, 71 too few \
            threads or descriptors, 77 the node refused the request.

            EXAMPLE
              nova-federation check --config /etc/nova-federation/nova-federation.env
              NOVA_FED_SYNC_TIMEOUT=60 nova-federation check
              nova-federation check --template >nova-federation.env
              nova-federation check --config new.env --against http://127.0.0.1:8100

            SETTINGS
            \(SettingsReference.text)
            """
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a settings file with every setting explained and commented out.")
    var template = false

    @Flag(help: "Compare with the settings of a running node.")
    var against = false

    @Argument(
        help: ArgumentHelp("Base URL of the node, with --against.", valueName: "url"),
        transform: Peer.init(parsing:)
    )
    var url: Peer?

    @Flag(help: "Print JSON, with --against.")
    var json = false

    func validate() throws {
        guard against || (url == nil && !json) else {
            throw ValidationError("a URL and --json require --against")
        }
        guard !template || !against else {
            throw ValidationError("--template cannot be combined with --against")
        }
        guard !template || options.config == nil else {
            throw ValidationError("--template reads no file; omit --config")
        }
    }

    /// Validates and shows the settings; `compare` does what --against asks for.
    func run() throws {
        let text =
            template
            ? SettingsReference.template : SettingsReport(of: try options.load()).text + "\n"
        try StandardStream.output.write(text)
    }

    /// Prints the differences to a running node.
    func compare() async throws {
        try Threads.require(Threads.forPulling)
        let loaded = try options.load()
        let address = url ?? loaded.settings.ownURL
        let client = try NodeOptions.client(of: address, loaded)
        let page: JSONTree
        do throws(NodeFailure) {
            page = try await client.json("/federation/settings", with: "settings")
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        // Some defaults follow from the limit of open files, which may differ for this command.
        let limit = page["file_limit"].integer ?? loaded.settings.fileLimit
        let difference = SettingsDifference(from: page, to: try options.load(fileLimit: limit))
        let text = json ? difference.json.text : difference.text
        try StandardStream.output.write(text + "\n")
        if difference.needsRestart { throw ExitCode(3) }
        if !difference.isEmpty { throw ExitCode(2) }
    }
}
