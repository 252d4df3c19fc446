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
    private var isFailing = false
    /// The problem that the log knows of.
    private var told: String?

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
    /// The node ticked once before it began to serve.
    func run() async throws {
        // A file is looked at more often than the governor ticks: its writer sets the pace.
        let period = file == nil ? settings.pollInterval : min(settings.pollInterval, .seconds(1))
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: period)  // ends early when cancelled
                await self.tick()
            }
        }
    }

    /// Fixes the numbers of this node as they are now.
    func tick() async {
        let now = time.now
        let wall = time.wallNow
        await askSource(at: wall)
        let report = Report(
            of: await store.snapshot().ledger,
            at: now,
            scoring: settings.scoring
        )
        context.observe(livePeers: report.liveCount, at: now)
        state.context = context.state
        if let given {
            var metrics = given.metrics
            metrics.peerQuality = report.meanQuality ?? Metrics.restingPeerQuality
            state.metrics = metrics
            state.ts = min(given.ts, wall)
        }
        judgeSource(at: wall)
        pages.publish(state.summary(of: identity, version: settings.version))
    }

    private func askSource(at wall: Double) async {
        guard let file else {
            given = (.resting, wall)
            return
        }
        let reading = await file.read(unless: seen)
        seen = reading.stamp
        switch reading.summary {
        case nil: break
        case .success(let summary):
            given = (summary.metrics, summary.ts)
            isFailing = false
        case .failure(let fault):
            isFailing = true
            state.problem = "\(settings.localSource) \(fault)"
        }
    }

    /// Finds a stale source out, and says a change for the worse or the better once.
    private func judgeSource(at wall: Double) {
        let isStale = state.metrics != nil && wall - state.ts > Self.staleAfterSeconds
        if !isFailing {
            state.problem =
                isStale
                ? "\(settings.localSource) is older than \(Int(Self.staleAfterSeconds)) s" : nil
        }
        guard state.problem != told else { return }
        if let problem = state.problem {
            log.warning(
                "local source is in trouble; the last good numbers are served",
                metadata: ["problem": "\(problem)"]
            )
        } else {
            log.notice("local source is well again")
        }
        told = state.problem
    }
}
