import ArgumentParser
import CurlClient
import FoundationEssentials
import Glibc
import Host
import JSON
import MicroHTTPServer
import NodeClient
import Settings
import StateStore
import Timing

/// `nova-federation bundle`: collects what a bug report needs in one file.
struct BundleCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Collect what a bug report needs in one file.",
        discussion: """
            Writes the health, wisdom, settings and metrics pages of a running node, its latest \
            1,000 events, and the versions of the program and its libraries to a JSON file that \
            only you can read. Fails if /federation/health cannot be read; any other page that \
            fails is replaced by its error. Prints the name of the file; with --json as an \
            object. If the file is -, prints the bundle instead. The bundle contains names and \
            addresses of your nodes, but no key, token, password or user information.

            Exit codes: 0 success, 64 wrong usage, 69 no usable response, 71 too few threads or \
            descriptors, 74 the file exists or cannot be written, 77 the node refuses the \
            request, 78 invalid settings.

            EXAMPLE
              nova-federation bundle
              nova-federation bundle n1.json --url http://10.0.0.11:8100
            """
    )

    /// The versions of the libraries that the program has loaded.
    private static let libraries = [
        CurlClient.libraryVersion, MicroHTTPServer.libraryVersion, StateStore.libraryVersion,
    ]

    @Argument(
        help: ArgumentHelp(
            "The file to write, which must not exist; - is standard output.",
            valueName: "file"
        )
    )
    var file = "nova-federation-bundle.json"

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let client = try node.client()
        var members: [(key: String, value: JSONOutput)] = [
            ("bundle", .integer(1)), ("at", .double(SystemClock.wall)),
            ("node", .string(client.url)), ("program", .string(ProductVersion.current)),
            ("libraries", .list(Self.libraries.map(JSONOutput.string))),
        ]
        do throws(NodeFailure) {
            let health = try await client.health()
            members.append(("health", health.output))
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        let pages = [
            ("wisdom", "/federation/wisdom", "peer_gstars"),
            ("settings", "/federation/settings", "settings"),
            ("events", "/federation/events?limit=1000", "events"),
        ]
        for (name, path, member) in pages {
            do throws(NodeFailure) {
                members.append((name, try await client.json(path, with: member).output))
            } catch {
                members.append((name, ["error": .string("\(error)")]))
            }
        }
        do throws(NodeFailure) {
            let text = String(decoding: try await client.get("/metrics"), as: UTF8.self)
            members.append(("metrics", .string(text)))
        } catch {
            members.append(("metrics", ["error": .string("\(error)")]))
        }
        let text = JSONOutput.object(members).text + "\n"
        if file == "-" { return try StandardStream.output.write(text) }
        try write(text)
        let made: JSONOutput = ["file": .string(file)]
        try StandardStream.output.write((node.json ? made.text : file) + "\n")
    }

    private func write(_ text: String) throws(ExitCode) {
        umask(0o077)
        do {
            try Data(text.utf8)
                .write(
                    to: URL(filePath: file),
                    options: .withoutOverwriting
                )
        } catch {
            let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
            let fault =
                code == EEXIST
                ? "\(file) exists; name another file or delete it"
                : "cannot write \(file): \(code.map { systemError($0) } ?? "\(error)")"
            StandardStream.report("nova-federation: \(fault)")
            throw ExitStatus.io.code
        }
    }
}
