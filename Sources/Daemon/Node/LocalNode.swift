import Federation
import Logging
import PeerSync

/// This node as its peers see it: at every tick it fixes its own numbers and publishes them.
actor LocalNode<Time: Timekeeper> {
    private let identity: NodeIdentity
    private var settings: Settings
    private let origin: NumbersOrigin
    private let store: PeerStore
    private let time: Time
    private let pages: ReadyPages
    private let supervisor: Supervisor
    private let log: Logger
    private var governor: Governor
    private var state = LocalState()
    /// What the source said last.
    private var given: SourceNumbers?
    private var fault: SourceFault?
    /// The moment from which all others are counted.
    private var firstTick: Instant?
    /// The sleep until the next tick.
    private var rest: Task<Void, Never>?

    init(
        identity: NodeIdentity,
        settings: Settings,
        origin: NumbersOrigin,
        store: PeerStore,
        time: Time,
        pages: ReadyPages,
        supervisor: Supervisor,
        log: Logger
    ) {
        self.identity = identity
        self.settings = settings
        self.origin = origin
        self.store = store
        self.time = time
        self.pages = pages
        self.supervisor = supervisor
        self.log = log
        governor = Governor(
            constants: settings.governor,
            context: Context(
                mode: settings.contextMode,
                minPeers: settings.contextMinPeers,
                hysteresis: settings.contextHysteresis
            )
        )
    }

    /// Goes by other settings from the next tick on; another beat of the ticks begins at once.
    ///
    /// The source stays, and what governor and context have come to.
    func adopt(_ settings: Settings) {
        let isOtherBeat = settings.pollInterval != self.settings.pollInterval
        self.settings = settings
        governor.constants = settings.governor
        governor.context.mode = settings.contextMode
        governor.context.minPeers = settings.contextMinPeers
        governor.context.hysteresis = settings.contextHysteresis
        if isOtherBeat { rest?.cancel() }
    }

    /// What was fixed at the last tick.
    func current() -> LocalState {
        state
    }

    /// Ticks every poll interval until it is cancelled, the first time at once if it has not yet.
    ///
    /// A source is asked at its own pace: when it says something else, that is a tick too.
    func run(whenTicked: @Sendable () -> Void) async {
        if firstTick == nil { await tick() }
        guard !Task.isCancelled, let firstTick else { return }
        whenTicked()
        var (ticks, looks) = beats(after: firstTick)
        while true {
            if ticks.span != settings.pollInterval { (ticks, looks) = beats(after: time.now) }
            await sleep(for: min(ticks.next, looks.next) - time.now)
            guard !Task.isCancelled else { return }
            let now = time.now
            let isTick = ticks.take(at: now)
            guard looks.take(at: now) || isTick else { continue }
            let hasChanged = await askSource()
            if hasChanged || isTick { await fix() }
        }
    }

    /// When to tick, and when to look at the source.
    private func beats(after start: Instant) -> (ticks: Beat, looks: Beat) {
        let ticks = Beat(every: settings.pollInterval, after: start)
        guard case .source(_, let pace) = origin else { return (ticks, ticks) }
        return (ticks, Beat(every: min(pace ?? ticks.span, ticks.span), after: start))
    }

    /// Sleeps; ends early when the task is cancelled or another beat begins.
    private func sleep(for span: Duration) async {
        let rest = Task<Void, Never> { try? await Task.sleep(for: max(span, .zero)) }
        self.rest = rest
        await withTaskCancellationHandler {
            await rest.value
        } onCancel: {
            rest.cancel()
        }
    }

    /// Asks the source and fixes the numbers of this node as they are now.
    func tick() async {
        _ = await askSource()
        await fix()
        firstTick = firstTick ?? time.now
    }

    /// Looks at the source; true if it says something else than before, good or bad.
    private func askSource() async -> Bool {
        guard case .source(let source, _) = origin else { return false }
        let before = (given, fault)
        switch await source.read() {
        case nil: break
        case .success(let numbers):
            given = numbers
            fault = nil
        case .failure(let failure): fault = failure
        }
        return before != (given, fault)
    }

    /// Fixes the numbers of this node and publishes them.
    private func fix() async {
        if case .nobody = origin {
            supervisor.tell("federation is off: FEDERATION_ENABLED is not 1")
            return pages.publish(nil)
        }
        let ledger = store.snapshot().ledger
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
        if case .governor = origin {
            state.wisdom = wisdom
            state.metrics = wisdom.metrics(peerQuality: quality)
            state.ts = wall
        } else if let given {
            state.metrics = given.metrics
            state.metrics?.peerQuality = quality
            state.ts = min(given.ts, wall)
            state.triEtaCap = wisdom.triEtaCap
        }
        state.isOld = state.metrics != nil && wall - state.ts > LocalState.staleAfterSeconds
        state.problem = problem
        state.tell(changesFrom: before, to: log)
        pages.publish(state.summary(of: identity, version: settings.version))
        supervisor.tell(state.status(of: report))
    }

    /// What is wrong with the source now, in a sentence; nil if nothing is.
    private var problem: String? {
        let words = [
            fault?.description,
            state.isOld ? "gave numbers older than \(Int(LocalState.staleAfterSeconds)) s" : nil,
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
