import ArgumentParser
import Host
import Settings

/// The subcommand that says the version.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Say which version this is.",
        discussion: """
            EXAMPLE
              nova-federation version
            """
    )

    func run() throws {
        try StandardStream.output.write("nova-federation \(ProductVersion.current)\n")
    }
}
