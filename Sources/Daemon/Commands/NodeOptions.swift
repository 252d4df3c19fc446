import ArgumentParser
import CurlClient
import Federation
import Host
import NodeClient
import Settings

/// The options of the commands that query a running node.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Base URL of the node. Default: FEDERATION_BIND from the environment or the --config \
            file, with https if NOVA_FED_TLS_CERT_FILE is set.
            """,
            valueName: "url"
        ),
        transform: Peer.init(parsing:)
    )
    var url: Peer?

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print JSON.")
    var json = false

    /// Prepares to query the node; starts no connection.
    ///
    /// `largestPage` is in bytes.
    ///
    /// - Throws: `ExitCode`, after printing the fault.
    func client(largestPage: Int = NodeClient.largestPage) throws(ExitCode) -> NodeClient {
        let loaded = try settings.load()
        return try Self.client(
            of: url ?? loaded.settings.ownURL,
            loaded,
            largestPage: largestPage
        )
    }

    static func client(
        of node: Peer,
        _ loaded: LoadedSettings,
        largestPage: Int = NodeClient.largestPage
    ) throws(ExitCode) -> NodeClient {
        do throws(SystemError) {
            return try NodeClient(node, tls: loaded.tls, largestPage: largestPage)
        } catch {
            StandardStream.report("nova-federation: \(error)")
            throw ExitStatus.system.code
        }
    }

    /// Prints a failure and returns the exit code for it.
    static func exitCode(for failure: NodeFailure) -> ExitCode {
        StandardStream.report("nova-federation: \(failure)")
        let status: ExitStatus =
            switch failure {
            case .unreachable, .insecure, .federationOff, .status, .notANode: .unreachable
            case .refused: .refused
            }
        return status.code
    }
}

extension Settings {
    /// The URL at which a process of this machine reaches the listener.
    var ownURL: Peer {
        let host =
            switch bind.host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "::1"
            default: bind.host
            }
        let scheme: Peer.Scheme = isTLS ? .https : .http
        return Peer(label: "", scheme: scheme, host: host, port: bind.port, pathPrefix: "")
    }
}
