import Federation
import Logging
import PeerSync
import ServiceLifecycle

/// This node as its peers see it: at every tick it fixes its own numbers and publishes them.
actor LocalNode: Service {
    /// Peers of the original lose a node whose numbers are older than 300 s; warn before that.
    static let staleAfterSeconds = 240.0

    private let identity: NodeIdentity
    private let settings: Settings
    private let store: PeerStore
    private let time: SystemTime
    private let pages: ReadyPages
    private let log: Logger
    private let file: SourceFile?
    private var context: Context
    private var state = LocalState()
    /// The numbers as the source gave them, and when it says they were fixed.
    private var given: (metrics: Metrics, ts: Double)?
    private var seen: SourceFile.Stamp?
    private var fault: SourceFault?

    init(
        identity: NodeIdentity,
        settings: Settings,
        store: PeerStore,
        time: SystemTime,
        pages: ReadyPages,
        log: Logger
    ) {
        self.identity = identity
        self.settings = settings
        self.store = store
        self.time = time
        self.pages = pages
        self.log = log
        context = Context(
            mode: settings.contextMode,
            minPeers: settings.contextMinPeers,
            hysteresis: settings.contextHysteresis
        )
        file =
            switch settings.localSource {
            case .file(let path): SourceFile(path: path, maximumBytes: settings.maxBody)
            case .builtin, .orchestrator: nil
            }
    }

    /// What was fixed at the last tick.
    func current() -> LocalState {
        state
    }

    /// Ticks until it is cancelled or the group shuts down.
    ///
    /// The node ticked once before it began to serve. A file is looked at every second and its
    /// change is a tick: its writer sets the pace.
    func run() async throws {
        let period = file == nil ? settings.pollInterval : min(settings.pollInterval, .seconds(1))
        await cancelWhenGracefulShutdown {
            var rested = Duration.zero
            while !Task.isCancelled {
                try? await Task.sleep(for: period)  // ends early when cancelled
                rested += period
                let hasChanged = await self.askSource()
                if hasChanged || rested >= self.settings.pollInterval {
                    await self.fix()
                    rested = .zero
                }
            }
        }
    }

    /// Asks the source and fixes the numbers of this node as they are now.
    func tick() async {
        _ = await askSource()
        await fix()
    }

    /// Looks at the source; true if it gave something, good or bad.
    private func askSource() async -> Bool {
        guard let file else {
            given = (.resting, time.wallNow)
            return true
        }
        let reading = await file.read(unless: seen)
        seen = reading.stamp
        switch reading.summary {
        case nil: return false
        case .success(let summary):
            given = (summary.metrics, summary.ts)
            fault = nil
        case .failure(let failure): fault = failure
        }
        return true
    }

    private func fix() async {
        let ledger = await store.snapshot().ledger
        let now = time.now
        let wall = time.wallNow
        let report = Report(of: ledger, at: now, scoring: settings.scoring)
        context.observe(livePeers: report.liveCount, at: now)
        state.context = context.state
        if let given {
            var metrics = given.metrics
            metrics.peerQuality = report.meanQuality ?? Metrics.restingPeerQuality
            state.metrics = metrics
            state.ts = min(given.ts, wall)
        }
        tell(problem(at: wall))
        pages.publish(state.summary(of: identity, version: settings.version))
    }

    /// What is wrong with the source now; nil if nothing is.
    private func problem(at wall: Double) -> String? {
        if let fault { return "\(settings.localSource) \(fault)" }
        guard state.metrics != nil, wall - state.ts > Self.staleAfterSeconds else { return nil }
        return "\(settings.localSource) is older than \(Int(Self.staleAfterSeconds)) s"
    }

    /// Keeps what is wrong with the source, and says a change for the worse or the better once.
    private func tell(_ problem: String?) {
        guard problem != state.problem else { return }
        state.problem = problem
        if let problem {
            log.warning(
                "local source is in trouble; the last good numbers are served",
                metadata: ["problem": "\(problem)"]
            )
        } else {
            log.notice("local source is well again")
        }
    }
}
