import ArgumentParser
import CurlClient
import Federation
import Host
import JSON
import Pages
import PeerSync
import Settings

/// `nova-federation pull URL…`: pulls each peer once.
struct PullCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Pull each peer once and show the result.",
        discussion: """
            Pulls as the service does, with the deadline, limits and trusted certificates of \
            the same settings (environment and --config). Prints state, reason, node id and HTTP \
            status; the milliseconds after which DNS, connect, TLS, the first byte and the whole \
            response were complete; the age of the summary; and G*. For https peers, also \
            prints the version of TLS, and subject, issuer and expiry of the certificate. If \
            NOVA_NODE_ID is set, the first peer with that id is shown as self, and another \
            instance with it as a clone.

            Exit codes: 0 all pulls succeeded, 1 at least one failed, 64 wrong usage, 71 too few \
            threads allowed, 74 the output cannot be written, 78 invalid settings.

            EXAMPLE
              nova-federation pull http://10.0.0.11:8100 paris=https://nova.example.org
              nova-federation pull --json http://127.0.0.1:8100
            """
    )

    @OptionGroup var options: SettingsOptions

    @Flag(help: "Print a JSON array instead of a table.")
    var json = false

    @Argument(
        help: ArgumentHelp("Base URLs of peers, each optionally name=URL.", valueName: "urls"),
        transform: Peer.init(parsing:)
    )
    var peers: [Peer]

    func validate() throws {
        guard peers.count <= 1000 else { throw ValidationError("at most 1,000 URLs at a time") }
    }

    func run() async throws {
        let loaded = try options.load()
        FileLimit.raise()
        let rows = await PulledPeer.pullOnce(peers, loaded)
        let text =
            json
            ? String(decoding: JSONOutput.list(rows.map(\.json)).bytes, as: UTF8.self)
            : PulledPeer.table(rows)
        try StandardStream.output.write(text + "\n")
        guard rows.allSatisfy(\.isGood) else { throw ExitCode(1) }
    }
}
