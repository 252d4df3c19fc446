import ArgumentParser

/// The command line: `nova-federation serve | check | pull | demo | version`.
@main
struct NovaFederation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nova-federation",
        abstract: "The federation peer synchronizer of a Nova node.",
        discussion: """
            Pulls the summary of every configured peer, scores the peers, works out how diverse \
            they are, and serves its own summary, health and metrics. It observes and never governs.

            EXAMPLE
              nova-federation check --config /etc/nova-federation/nova-federation.env
            """,
        subcommands: [
            ServeCommand.self, CheckCommand.self, PullCommand.self, DemoCommand.self,
            VersionCommand.self,
        ]
    )

    static func main() async {
        Allocator.setUp()
        await main(nil)
    }
}
