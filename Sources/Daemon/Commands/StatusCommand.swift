import ArgumentParser
import Host
import JSON
import NodeClient
import Pages

/// `nova-federation status`: shows a node and its peers, or all nodes of its federation.
struct StatusCommand: ThreadedCommand {
    static let threads = Threads.forPulling

    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show a running node and its peers, worst first.",
        discussion: """
            Prints five lines about the node: id and URL, mode, N and G*, live peers, and \
            faults. If one node moves N by more than 0.3, the line of N names it. A table of its \
            peers follows: peers that are not up first, then stale ones, then by ascending \
            quality. A stale peer answers, but its numbers no longer change; the column `for` is \
            then their age. --json prints /federation/health instead.

            --all also queries every node that this node lists, 64 at a time, each for at most 5 \
            seconds. It prints which node sees which, and the verdicts: a node that is down, a \
            node that is cut off or does not respond, a link that fails between two nodes, \
            lists, versions or clocks that differ, and node ids that are not unique. --json \
            prints an object with `nodes` and `verdicts`.

            Exit codes: 0 the node is ready, or --all found nothing; 1 it is not ready or shuts \
            down, its federation is off (69 with --all), or there are verdicts; 64 wrong usage, \
            69 no usable response, 71 too few threads or descriptors, 74 the output cannot be \
            written, 77 the node refuses the request, 78 invalid settings.

            EXAMPLE
              nova-federation status
              nova-federation status --all --url http://10.0.0.11:8100
            """
    )

    @Flag(help: "Query every node that this node lists, and compare what they see.")
    var all = false

    @OptionGroup var node: NodeOptions

    func run() async throws {
        if all { return try await runForAll() }
        let client = try node.client()
        let status: ShownStatus
        do throws(NodeFailure) {
            status = try await ShownStatus(of: client)
        } catch .federationOff {
            StandardStream.report("nova-federation: federation is off: FEDERATION_ENABLED is not 1")
            throw ExitCode(1)
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        try StandardStream.output.write(
            (node.json ? status.health.output.text : status.text()) + "\n"
        )
        if !status.isReady { throw ExitCode(1) }
    }

    /// Shows the survey of the federation; the first node must respond.
    private func runForAll() async throws {
        let client = try node.client(largestPage: NodeClient.largestSurveyedPage)
        let survey: Survey
        do throws(NodeFailure) {
            survey = try await client.survey()
        } catch {
            throw NodeOptions.exitCode(for: error)
        }
        let shown = ShownSurvey(survey)
        try StandardStream.output.write((node.json ? shown.json.text : shown.text) + "\n")
        if !survey.verdicts.isEmpty { throw ExitCode(1) }
    }
}
