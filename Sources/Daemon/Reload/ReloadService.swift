import Host
import Logging
import ServiceLifecycle
import Settings
import UnixSignals

/// Reloads on SIGHUP and when the peers file, or a file of certificates, keys or tokens, has
/// changed, until the group shuts down.
struct ReloadService: Service {
    /// The time between two checks of a file; `FileWatch.maximumLooks` of them are the three
    /// seconds within which docs/operating.md promises that a change is read.
    static let pace = Duration.seconds(1)

    /// How long a check may take.
    static let deadline = Duration.seconds(2)

    let hangUps: UnixSignalsSequence
    let reload: Reload

    func run() async throws {
        let causes = ReloadCauses()
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    if ProcessStart.hangUpCame { causes.add(.hangUp) }
                    for await _ in hangUps { causes.add(.hangUp) }
                }
                group.addTask { await watch(causes) }
                group.addTask { await causes.each(reload.callAsFunction) }
            }
        }
    }

    /// Checks the files for changes, about once a second.
    private func watch(_ causes: ReloadCauses) async {
        let work = BlockingWork("file checks")
        var peersFile = FileWatch(read: reload.inForce.loaded.peersFile)
        var trustFiles = FileSetWatch()
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pace)  // ends early when cancelled
            await checkPeersFile(&peersFile, causes, work)
            await checkTrustFiles(&trustFiles, causes, work)
        }
    }

    /// Checks the peers file, if there is one.
    private func checkPeersFile(
        _ watch: inout FileWatch,
        _ causes: ReloadCauses,
        _ work: BlockingWork
    ) async {
        guard let path = reload.inForce.settings.peersFile,
            var look = await Self.look(at: path, work)
        else { return }
        var tried = reload.inForce.triedPeersFile
        var first: FileStamp?
        if FileWatch.wantsSecondLook(look.stamp, tried: tried) {
            first = look.stamp
            try? await Task.sleep(for: FileWatch.settling)
            guard let second = await Self.look(at: path, work) else { return }
            look = second
            // A reload may have read the file meanwhile.
            tried = reload.inForce.triedPeersFile
        }
        if watch.takeLook(look.stamp, after: first, tried: tried) { causes.add(.peersFile) }
    }

    /// Checks the files of certificates, keys and tokens, if there are any.
    private func checkTrustFiles(
        _ watch: inout FileSetWatch,
        _ causes: ReloadCauses,
        _ work: BlockingWork
    ) async {
        let paths = reload.inForce.settings.trustPaths
        guard !paths.isEmpty else { return }
        let check = await work.run(within: Self.deadline) { paths.map { try? FileStamp($0) } }
        guard case .done(let stamps) = check else { return }
        let tried = reload.inForce.triedTrustFiles
        if watch.takeLook(stamps, tried: tried) { causes.add(.trustFiles) }
    }

    /// The state of a file; nil if stat(2) failed, which the reload reports.
    private struct Look {
        var stamp: FileStamp?
    }

    /// Checks a file; nil if the task is cancelled.
    private static func look(at path: String, _ work: BlockingWork) async -> Look? {
        switch await work.run(within: deadline, { try? FileStamp(path) }) {
        case .done(let stamp): Look(stamp: stamp)
        case .late: Look(stamp: nil)
        case .cancelled: nil
        }
    }
}
