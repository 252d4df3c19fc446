internal import Host
internal import UnixSignals

/// Five real nodes on this machine, and a table of what they see of each other.
package enum Demo {
    /// Runs the nodes and shows the table until a signal, for `seconds`, or until a part fails.
    ///
    /// - Throws: What kept the nodes from being started.
    package static func run(firstPort: UInt16, seconds: Int?) async throws(DemoFault) -> DemoEnd {
        let nodes = try DemoNode.five(firstPort: firstPort)
        defer { DemoNode.removeFiles(of: nodes) }
        return await withTaskGroup(of: DemoEnd.self) { group in
            // First, so that a signal never leaves nodes running.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
            for node in nodes {
                group.addTask { await node.serve(among: nodes) }
            }
            group.addTask { await DemoNode.keepFilesFresh(of: nodes) }
            group.addTask { await DemoScreen(nodes: nodes).show() }
            group.addTask { await waitForEnd(signals, seconds: seconds) }
            let first = await group.next()
            group.cancelAll()
            return first ?? .asked
        }
    }

    /// Waits for the time to be up, or for a signal.
    private static func waitForEnd(
        _ signals: UnixSignalsSequence,
        seconds: Int?
    ) async -> DemoEnd {
        await withTaskGroup { group in
            group.addTask {
                if ProcessStart.hangUpCame { return }
                for await _ in signals { break }
            }
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
