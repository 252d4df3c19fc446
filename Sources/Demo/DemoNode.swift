internal import Federation
internal import FoundationEssentials
internal import Glibc
internal import Host
internal import Settings
internal import Subprocess
internal import SystemPackage
internal import Timing

/// One node of the demo: a `serve` process on its own port.
struct DemoNode: Sendable {
    var name: String
    var port: UInt16
    /// The G* in its source file; nil for a node that uses its governor.
    var pinnedGStar: Double?
    /// The directory of the source files, which the nodes of one demo share.
    var directory: String

    var url: String { "http://127.0.0.1:\(port)" }
    private var sourcePath: String { "\(directory)/\(name).json" }

    /// Three nodes with a governor and two with a pinned G*, on ports from `firstPort` on.
    ///
    /// Creates the directory and the source files.
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

    /// Runs the node until it exits or the task is cancelled, which stops it.
    func serve(among nodes: [DemoNode]) async -> DemoFault {
        var options = PlatformOptions()
        // An interrupt at the terminal must reach only the demo, not this process group.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(3))]
        let result = try? await Subprocess.run(
            .path(FilePath(Self.thisProgram)),
            arguments: ["serve"],
            environment: .custom(environment(among: nodes)),
            platformOptions: options,
            output: .discarded,
            error: .currentStandardError
        )
        let isPortInUse = result?.terminationStatus == .exited(ExitStatus.system.rawValue)
        return isPortInUse ? .portInUse(port) : .nodeEnded(name: name)
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

    /// The path of this program.
    private static var thisProgram: String {
        let link = "/proc/self/exe"
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        // /proc may be missing.
        return target ?? ProcessStart.executedPath ?? link
    }

    /// Rewrites the source files at each tick until cancelled, so that the nodes do not become
    /// stale.
    static func keepFilesFresh(of nodes: [DemoNode]) async -> DemoFault? {
        while !Task.isCancelled {
            // If this fails, for example on a full disk, the nodes report a stale source.
            for node in nodes { try? node.writeSource() }
            try? await Task.sleep(for: .seconds(1))  // ends early when cancelled
        }
        return nil
    }

    /// Replaces the source file of a pinned node; by rename(2), so that it is always complete.
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
            try Data(summary.encoded()).write(to: URL(filePath: sourcePath), options: .atomic)
        } catch {
            throw .cannotWrite(path: sourcePath)
        }
    }

    static func removeFiles(of nodes: [DemoNode]) {
        guard let directory = nodes.first?.directory else { return }
        // If this fails, a few small files remain in the temporary directory.
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Creates a directory that only this user can enter; mkdtemp(3) never takes an existing one.
    private static func temporaryDirectory() throws(DemoFault) -> String {
        let pattern = "\(FileManager.default.temporaryDirectory.path())nova-demo-XXXXXX"
        var name = Array(pattern.utf8CString)
        guard unsafe mkdtemp(&name) != nil else { throw .cannotWrite(path: pattern) }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
