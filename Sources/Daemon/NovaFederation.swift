import ArgumentParser

/// The command line: `nova-federation serve | check | pull | demo | version`.
@main
struct NovaFederation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nova-federation",
        abstract: "The federation peer synchronizer of a Nova node.")
}
