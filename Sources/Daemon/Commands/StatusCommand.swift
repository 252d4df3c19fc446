import ArgumentParser
import Host
import JSON
import NodeClient
import Pages

/// `nova-federation status`: shows a node and its peers.
struct StatusCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a running node and its peers, worst first.",
        discussion: """
            Prints five lines about the node: id and URL, mode, N and G*, live peers, and \
            faults. If one node moves N by more than 0.3, the line of N names it. A table of its \
            peers follows: peers that are not up first, then by ascending quality. --json prints \
            /federation/health instead.

            Exit codes: 0 the node is ready, 1 it is not, 64 wrong usage, 69 no usable response, \
            71 too few threads or descriptors, 74 the output cannot be written, 77 the node \
            refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation status
              nova-federation status --url http://10.0.0.11:8100
            """
    )

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let client = try node.client()
        let health: JSONTree
        let wisdom: JSONTree
        do throws(NodeFailure) {
            health = try await client.json("/federation/health", with: "node_id")
            wisdom = try await client.json("/federation/wisdom", with: "peer_gstars")
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        let status = ShownStatus(health, wisdom, url: client.url)
        try StandardStream.output.write(
            (node.json ? health.output.text : status.text) + "\n"
        )
        if !status.isReady { throw ExitCode(1) }
    }
}
