import Host
import Logging
import ServiceLifecycle
import Settings
import UnixSignals

/// Reloads on SIGHUP and when the peers file has changed, until the group shuts down.
struct ReloadService: Service {
    /// The time between two checks of the peers file; `FileWatch.maximumLooks` of them are the
    /// three seconds within which docs/operating.md promises that a change is read.
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

    /// Checks the peers file for changes, if there is one.
    private func watch(_ causes: ReloadCauses) async {
        let work = BlockingWork("peers file")
        var watch = FileWatch(read: reload.inForce.loaded.peersFile)
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pace)  // ends early when cancelled
            guard let path = reload.inForce.settings.peersFile else { continue }
            guard var look = await Self.look(at: path, work) else { return }
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
