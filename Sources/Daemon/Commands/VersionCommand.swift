import ArgumentParser
import Host
import Settings

/// `nova-federation version`: prints the version.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version.",
        discussion: """
            EXAMPLE
              nova-federation version
            """
    )

    func run() throws {
        try StandardStream.output.write("nova-federation \(ProductVersion.current)\n")
    }
}
