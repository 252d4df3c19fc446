internal import Host
internal import UnixSignals

/// Five real nodes on this machine, and a table of what they see of each other.
package enum Demo {
    /// Runs the nodes and shows the table until a signal arrives or `seconds` have passed.
    ///
    /// - Throws: The first fault of a node or of the table, which ends the demo.
    package static func run(firstPort: UInt16, seconds: Int?) async throws(DemoFault) {
        let nodes = try DemoNode.five(firstPort: firstPort)
        defer { DemoNode.removeFiles(of: nodes) }
        // The demo ends with the first task, which returns nil if it ends as requested.
        let fault = await withTaskGroup(of: DemoFault?.self) { group in
            // Signals are trapped first, so that none leaves nodes running.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
            for node in nodes { group.addTask { await node.serve(among: nodes) } }
            group.addTask { await DemoNode.keepFilesFresh(of: nodes) }
            group.addTask { await DemoScreen(nodes: nodes).show() }
            group.addTask {
                if !ProcessStart.hangUpCame { for await _ in signals { break } }
                return nil
            }
            if let seconds {
                group.addTask {
                    try? await Task.sleep(for: .seconds(seconds))  // ends early when cancelled
                    return nil
                }
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
        if let fault { throw fault }
    }
}
