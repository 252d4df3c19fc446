import Federation
import Host
import Logging
import Pages
import PeerSync
import Settings
import Synchronization
import Timing

/// Computes this node's own numbers at every tick and publishes them.
actor LocalNode<Time: Timekeeper> {
    private let identity: NodeIdentity
    private let inForce: SettingsInForce
    private let origin: NumbersOrigin
    private let store: PeerStore
    private let time: Time
    private let pages: ReadyPages
    private let supervisor: Supervisor
    private let events: EventLog
    private let log: Logger
    private(set) var governor: Governor
    /// The result of the last tick.
    private nonisolated let published = Mutex(LocalState.beforeFirstTick)
    /// The latest numbers of the source.
    private var given: SourceNumbers?
    private var fault: SourceFault?
    /// When to tick and when to read the source, counted from the first tick; nil before it.
    private var beats: Beats?
    /// The sleep until the next tick.
    private var rest: Task<Void, Never>?

    init(
        identity: NodeIdentity,
        inForce: SettingsInForce,
        origin: NumbersOrigin,
        store: PeerStore,
        time: Time,
        pages: ReadyPages,
        supervisor: Supervisor,
        events: EventLog,
        saved: SavedState?,
        log: Logger
    ) {
        self.identity = identity
        (self.inForce, self.origin, self.store) = (inForce, origin, store)
        (self.time, self.pages, self.supervisor, self.log) = (time, pages, supervisor, log)
        self.events = events
        governor = Governor(settings: inForce.settings)
        guard let saved else { return }
        let regime = governor.restore(saved, log: log)
        let context = governor.context.state
        published.withLock { ($0.lastRegime, $0.context) = (regime, context) }
    }

    /// Applies a new poll interval at once; other settings apply from the next tick on.
    ///
    /// The source and the state of governor and context stay.
    func settingsChanged() {
        if hasOtherInterval { rest?.cancel() }
    }

    /// Whether the poll interval is no longer that of the ticks.
    private var hasOtherInterval: Bool {
        beats.map { $0.ticks.span != inForce.settings.pollInterval } ?? false
    }

    /// The result of the last tick, from any thread.
    nonisolated var latest: LocalState { published.withLock(\.self) }

    /// Ticks every poll interval until cancelled, the first time at once unless `start` was called.
    func run(whenTicked: @Sendable () -> Void) async {
        if beats == nil { await start() }
        guard !Task.isCancelled else { return }
        whenTicked()
        while let next = nextWake() {
            await sleep(for: next - time.now)
            guard !Task.isCancelled else { return }
            await wake()
        }
    }

    /// When to wake next; a new poll interval counts from now.
    private func nextWake() -> Instant? {
        if hasOtherInterval { setBeats(after: time.now) }
        return beats?.next
    }

    /// Makes the first tick, from which all others are counted.
    func start() async {
        let moment = time.now
        setBeats(after: moment)
        _ = await askSource()
        await fix(for: moment)
    }

    /// Ticks if a tick is due, and reads the source if that is due.
    ///
    /// New numbers of a source cause a tick too. A tick counts for the moment at which it was due,
    /// not for the wake-up: wake-ups are late by varying milliseconds, so a minute would contain 4
    /// or 5 of them at an interval of 15 s.
    func wake() async {
        guard let due = beats?.take(at: time.now) else { return }
        let hasChanged = await askSource()
        if hasChanged || due.isTick { await fix(for: due.moment) }
    }

    private func setBeats(after start: Instant) {
        let tick = inForce.settings.pollInterval
        var look = tick
        if case .source(_, let pace?) = origin { look = min(pace, tick) }
        beats = Beats(
            ticks: Beat(every: tick, after: start),
            looks: Beat(every: look, after: start)
        )
    }

    /// Sleeps; ends early when the task is cancelled or the poll interval changes.
    private func sleep(for span: Duration) async {
        let rest = Task<Void, Never> { try? await Task.sleep(for: max(span, .zero)) }
        self.rest = rest
        await withTaskCancellationHandler {
            await rest.value
        } onCancel: {
            rest.cancel()
        }
    }

    /// Reads the source; true if its numbers or its fault changed.
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

    /// Computes and publishes the numbers of this node, for the tick that was due at `moment`.
    private func fix(for moment: Instant) async {
        if case .disabled = origin {
            supervisor.tell("federation is off: FEDERATION_ENABLED is not 1")
            return pages.publish(nil)
        }
        let settings = inForce.settings
        governor.apply(settings)
        let now = time.now
        store.processRuns(at: now)
        let ledger = store.latest.ledger
        let wall = time.wallNow
        let report = Report(of: ledger, at: now, scoring: settings.scoring)
        let quality = report.meanQuality ?? SummaryNumbers.restingPeerQuality
        let before = latest
        var state = before
        // The context always comes from our governor. An external source overrides everything else.
        let wisdom = governor.tick(
            at: moment,
            peerGStars: report.peerGStars,
            triCoherence: given?.triCoherence
        )
        state.tickedWall = wall
        state.peerGStars = report.peerGStars
        state.countedPeers = report.countedPeers
        state.context = wisdom.context
        if case .governor = origin {
            state.wisdom = wisdom
            state.metrics = wisdom.summaryNumbers(peerQuality: quality)
            state.ts = wall
        } else if let given {
            state.metrics = given.metrics
            state.metrics?.peerQuality = quality
            state.ts = min(given.ts, wall)
            state.triEtaCap = wisdom.triEtaCap
        }
        state.lastRegime = state.wisdom?.regimeName ?? state.lastRegime
        state.isOld = state.isOld(at: wall)
        state.problem = problem(of: settings.localSource, isOld: state.isOld)
        published.withLock { $0 = state }
        let lateness = ledger.running.lateness(at: now)
        state.recordChanges(from: before, in: events, to: log, lateness: lateness)
        events.settle(to: log)
        pages.publish(state.summary(of: identity, version: settings.version))
        supervisor.tell(state.status(of: report))
    }

    /// The problem of the source, as a sentence; nil if there is none.
    private func problem(of source: LocalSource, isOld: Bool) -> String? {
        let words = [
            fault?.description,
            isOld ? "has numbers older than \(Int(LocalState.staleAfterSeconds)) s" : nil,
        ]
        .compactMap(\.self)
        return words.isEmpty
            ? nil : "\(source) \(words.joined(separator: "; it "))"
    }
}
