import Logging
import ServiceLifecycle
import UnixSignals

/// Reloads on SIGHUP and when the peers file has changed, until the group shuts down.
struct ReloadService: Service {
    /// How often the peers file is looked at; `FileWatch.maximumLooks` of these are the three
    /// seconds within which docs/operating.md promises that a change is read.
    static let pace = Duration.seconds(1)

    /// How long a look may take.
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

    /// Looks at the peers file that is in force, if there is one.
    private func watch(_ causes: ReloadCauses) async {
        let work = BlockingWork("peers file")
        var watch = FileWatch(read: reload.inForce.loaded.peersFile)
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.pace)  // ends early when cancelled
            guard let path = reload.inForce.settings.peersFile else { continue }
            // A file that cannot be looked at counts as gone; the reload will say why.
            let look: FileStamp?
            switch await work.run(within: Self.deadline, { try? FileStamp(path) }) {
            case .done(let stamp): look = stamp
            case .late: look = nil
            case .cancelled: return
            }
            if watch.isDue(look, tried: reload.inForce.triedPeersFile) { causes.add(.peersFile) }
        }
    }
}
