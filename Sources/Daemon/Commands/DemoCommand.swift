import ArgumentParser
import UnixSignals

/// `nova-federation demo`: five real nodes on this machine, and a table of what they see.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run a federation of five real nodes on loopback and watch it.",
        discussion: """
            Starts five `nova-federation serve` on 127.0.0.1. Each is a real node \
            that pulls the other four every second; their own numbers come from five files, which \
            hold five different G*. Shows who sees whom with which quality, N and G*, until \
            interrupted. Nothing leaves this machine and nothing stays on it.

            EXAMPLE
              nova-federation demo --seconds 10
            """
    )

    @Option(help: "Stop after this many seconds, 1 to 86400; else with an interrupt.")
    var seconds: Int?

    @Option(help: "The port of the first node; the others take the next four.")
    var port: UInt16 = 8101

    func validate() throws {
        guard (1...65_531).contains(port) else {
            throw ValidationError("--port takes 1 to 65531")
        }
        if let seconds, !(1...86_400).contains(seconds) {
            throw ValidationError("--seconds takes 1 to 86400")
        }
    }

    func run() async throws {
        let nodes: [DemoNode]
        do throws(DemoFault) {
            nodes = try DemoNode.five(firstPort: port)
        } catch {
            StandardStream.error.write("demo: \(error)\n")
            throw ExitStatus.bug.code
        }
        defer { DemoNode.removeFiles(of: nodes) }
        let isComplete = await withTaskGroup(of: DemoEnd.self) { group in
            for node in nodes {
                group.addTask { await node.serve(among: nodes) }
            }
            group.addTask { await DemoNode.keepFilesFresh(of: nodes) }
            group.addTask { await DemoScreen(nodes: nodes).show() }
            group.addTask { await DemoCommand.waitForEnd(seconds: seconds) }
            let first = await group.next()
            group.cancelAll()
            return first == .asked
        }
        guard isComplete else {
            StandardStream.error.write(
                "demo: a node ended; if its port is in use, choose others with --port\n"
            )
            throw ExitStatus.bug.code
        }
    }
}

extension DemoCommand {
    /// Waits for the time to be up, or for an interrupt.
    fileprivate static func waitForEnd(seconds: Int?) async -> DemoEnd {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        await withTaskGroup { group in
            group.addTask { for await _ in signals { break } }
            if let seconds {
                // Ends early when cancelled.
                group.addTask { try? await Task.sleep(for: .seconds(seconds)) }
            }
            await group.next()
            group.cancelAll()
        }
        return .asked
    }
}

/// Why a part of the demo ended.
enum DemoEnd {
    /// The time is up, or there was an interrupt.
    case asked
    case byItself
}
