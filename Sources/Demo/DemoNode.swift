internal import Federation
internal import FoundationEssentials
internal import Glibc
internal import Host
internal import Settings
internal import Subprocess
internal import SystemPackage
internal import Timing

/// One node of the demo: a real `serve` in a process of its own, on a port of its own.
package struct DemoNode: Sendable {
    var name: String
    var port: UInt16
    /// What its file source says, again and again; nil for a node with a governor of its own.
    var pinnedGStar: Double?
    /// A directory of the demo's own, which all its nodes share.
    var directory: String

    var url: String { "http://127.0.0.1:\(port)" }
    private var sourcePath: String { "\(directory)/\(name).json" }

    /// Three nodes with a governor and two that are pinned far apart, on ports from `firstPort` on,
    /// the files of the pinned ones written.
    static func five(firstPort: UInt16) throws(DemoFault) -> [DemoNode] {
        let directory = try temporaryDirectory()
        let nodes = [nil, nil, nil, 0.9, 0.1].enumerated()
            .map { index, pinnedGStar in
                DemoNode(
                    name: "demo-\(index + 1)",
                    port: firstPort + UInt16(index),
                    pinnedGStar: pinnedGStar,
                    directory: directory
                )
            }
        for node in nodes { try node.writeSource() }
        return nodes
    }

    /// Runs the node until it ends or the task is cancelled, which stops it.
    func serve(among nodes: [DemoNode]) async -> DemoEnd {
        var options = PlatformOptions()
        // A group of its own: an interrupt at the terminal reaches the demo alone.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        // Whether it ended well or not, it should not have ended.
        let result = try? await Subprocess.run(
            .path(FilePath(Self.thisProgram)),
            arguments: ["serve"],
            environment: .custom(environment(among: nodes)),
            platformOptions: options,
            output: .discarded,
            error: .currentStandardError
        )
        guard case .exited(let status) = result?.terminationStatus else {
            return .nodeEnded(self, status: nil)
        }
        return .nodeEnded(self, status: status)
    }

    private func environment(among nodes: [DemoNode]) -> [Environment.Key: String] {
        [
            "FEDERATION_ENABLED": "1",
            "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_PEERS": nodes.filter { $0.port != port }.map { "\($0.name)=\($0.url)" }
                .joined(separator: ","),
            "NOVA_FED_SYNC_INTERVAL": "1",
            "NOVA_FED_SYNC_TIMEOUT": "0.5",
            "NOVA_FED_MAX_AGE_SEC": "5",
            "NOVA_FED_WINDOW_SEC": "60",
            "NOVA_FED_LOCAL_SOURCE": pinnedGStar == nil ? "builtin" : "file:\(sourcePath)",
            "NOVA_WISDOM_POLL_INTERVAL": "1",
            "NOVA_ENABLE_PROMETHEUS": "1",
            "NOVA_NODE_ID": name,
            "NOVA_FED_DRAIN_SEC": "0",
            "NOVA_FED_LOG_LEVEL": "error",
            "FEDERATION_BIND": "127.0.0.1:\(port)",
        ]
    }

    /// The file that this process runs.
    private static var thisProgram: String {
        let link = "/proc/self/exe"
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        // Without /proc there is the path that it was executed by.
        return target ?? ProcessStart.executedPath ?? link
    }

    /// Writes the files again and again, so that no node's numbers grow old.
    static func keepFilesFresh(of nodes: [DemoNode]) async -> DemoEnd {
        while !Task.isCancelled {
            for node in nodes {
                // A full disk leaves the last good numbers in place, and health says so.
                try? node.writeSource()
            }
            try? await Task.sleep(for: .seconds(5))  // ends early when cancelled
        }
        return .asked
    }

    /// Replaces the file of a pinned node by rename(2), so that no reader sees half of it.
    private func writeSource() throws(DemoFault) {
        guard let pinnedGStar else { return }
        let metrics = SummaryNumbers(
            peerQuality: 0.7,
            stabilityMargin: 0.08,
            hopfDistance: 0.175,
            spectralRadius: 0.245,
            gamma: 0.7,
            components: Components(progress: 0, novelty: 0, consistency: 1),
            gStar: pinnedGStar
        )
        let summary = Summary(
            nodeID: name,
            ts: SystemClock.wall,
            version: ProductVersion.current,
            metrics: metrics,
            instance: nil
        )
        do {
            try Data(summary.encoded())
                .write(
                    to: URL(filePath: sourcePath),
                    options: .atomic
                )
        } catch {
            throw .noFile(sourcePath)
        }
    }

    static func removeFiles(of nodes: [DemoNode]) {
        guard let directory = nodes.first?.directory else { return }
        // What remains in the temporary directory harms nobody.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Makes a directory that only this user enters, under a name that nobody could prepare.
    private static func temporaryDirectory() throws(DemoFault) -> String {
        let pattern = "\(FileManager.default.temporaryDirectory.path())nova-demo-XXXXXX"
        var name = Array(pattern.utf8CString)
        guard unsafe mkdtemp(&name) != nil else { throw .noFile(pattern) }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why the demo cannot start.
package enum DemoFault: Error, CustomStringConvertible {
    case noFile(String)

    package var description: String {
        switch self {
        case .noFile(let path): "\(path) cannot be written"
        }
    }
}
