import CurlClient
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
    /// Nil for the governor of this process.
    private let source: (any SummarySource)?
    private var governor: Governor
    private var state = LocalState()
    /// What the source said last.
    private var given: SourceNumbers?
    private var fault: SourceFault?

    /// - Throws: `SystemError` if a source that is pulled cannot have its client.
    init(
        identity: NodeIdentity,
        settings: Settings,
        store: PeerStore,
        time: SystemTime,
        pages: ReadyPages,
        log: Logger
    ) throws(SystemError) {
        self.identity = identity
        self.settings = settings
        self.store = store
        self.time = time
        self.pages = pages
        self.log = log
        governor = Governor(
            constants: settings.governor,
            context: Context(
                mode: settings.contextMode,
                minPeers: settings.contextMinPeers,
                hysteresis: settings.contextHysteresis
            )
        )
        source =
            switch settings.localSource {
            case .builtin: nil
            case .file(let path): FileSource(path: path, maximumBytes: settings.maxBody)
            case .orchestrator(let peer):
                try OrchestratorSource(
                    peer: peer,
                    reader: identity,
                    settings: settings,
                    time: time
                )
            }
    }

    /// What was fixed at the last tick.
    func current() -> LocalState {
        state
    }

    /// Ticks until it is cancelled or the group shuts down.
    ///
    /// The node ticked once before it began to serve. A file is looked at every second, and its
    /// change is a tick: its writer sets the pace.
    func run() async throws {
        let isFile = settings.localSource.kind == "file"
        let period = isFile ? min(settings.pollInterval, .seconds(1)) : settings.pollInterval
        await cancelWhenGracefulShutdown {
            var rested = Duration.zero
            while !Task.isCancelled {
                try? await Task.sleep(for: period)  // ends early when cancelled
                guard !Task.isCancelled else { return }
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

    /// Looks at the source; true if it said something, good or bad.
    private func askSource() async -> Bool {
        switch await source?.read() {
        case nil: return false
        case .success(let numbers):
            given = numbers
            fault = nil
        case .failure(let failure): fault = failure
        }
        return true
    }

    /// Fixes the numbers of this node and publishes them.
    private func fix() async {
        let ledger = await store.snapshot().ledger
        let now = time.now
        let wall = time.wallNow
        let report = Report(of: ledger, at: now, scoring: settings.scoring)
        let quality = report.meanQuality ?? Metrics.restingPeerQuality
        let before = state
        // The context is ours whatever the source; of the rest of it a source knows better.
        let wisdom = governor.tick(
            at: now,
            peerGStars: report.peerGStars,
            triCoherence: given?.triCoherence
        )
        state.context = wisdom.context
        if source == nil {
            state.wisdom = wisdom
            state.metrics = wisdom.metrics(peerQuality: quality)
            state.ts = wall
        } else if let given {
            state.metrics = given.metrics
            state.metrics?.peerQuality = quality
            state.ts = min(given.ts, wall)
            state.triEtaCap = wisdom.triEtaCap
        }
        state.isOld = state.metrics != nil && wall - state.ts > Self.staleAfterSeconds
        state.problem = problem
        state.tell(changesFrom: before, to: log)
        pages.publish(state.summary(of: identity, version: settings.version))
    }

    /// What is wrong with the source now, in a sentence; nil if nothing is.
    private var problem: String? {
        let words = [
            fault?.description,
            state.isOld ? "gave numbers older than \(Int(Self.staleAfterSeconds)) s" : nil,
        ]
        .compactMap(\.self)
        return words.isEmpty
            ? nil : "\(settings.localSource) \(words.joined(separator: "; it "))"
    }
}

extension Metrics {
    /// What a node without live peers says of their quality.
    static let restingPeerQuality = 0.7
}
