package import Timing

/// Fetches documents by GET over HTTP, thousands at a time, on one thread of its own.
///
/// `start` starts a batch of fetches; `collect` waits for results and runs the loop meanwhile. Each
/// fetch ends by its deadline, whatever its server or the name server does, and delays no other.
///
/// The actor runs on a `CurlThread`. Its deinit cancels the fetches in flight.
package actor CurlClient {
    private let thread: CurlThread
    let multiplexer: Multiplexer
    var names = NameTable()
    let resolver: Resolver
    var deadlines = Deadlines()
    /// When half of the timeout of each fetch is over.
    var halves = Deadlines()
    private(set) var lateness = Lateness(at: SystemClock.now)
    /// The current attempt of each fetch in flight, by serial number.
    var transfers: [Int: Transfer] = [:]
    var pool: TransferPool
    private var lastSerial = 0
    /// The results that `collect` has not returned yet.
    var results: [FetchResult] = []
    var isInterrupted = false
    private var isCollecting = false

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    /// Creates the event queue and starts the thread.
    package init(limits: FetchLimits) throws(SystemError) {
        try self.init(limits: limits, resolver: lookUp)
    }

    /// Creates a client that looks up names with `resolver`, which may block.
    init(limits: FetchLimits, resolver: @escaping Resolver) throws(SystemError) {
        self.resolver = resolver
        pool = TransferPool(limits: limits)
        let wakeUp = try WakeUp()
        multiplexer = try Multiplexer(keptConnections: limits.keptConnections, wakeUp: wakeUp)
        thread = CurlThread(wakeUp: wakeUp)
        try thread.start { [weak self] in
            guard let self else { return false }
            self.assumeIsolated { $0.runOnce(until: .distantFuture) }
            return true
        }
    }

    isolated deinit {
        let now = SystemClock.now
        for transfer in transfers.values {
            cancel(transfer, at: now)
        }
        thread.end()
    }

    /// Runs `body` on the client's thread, so that its calls to the client need no executor change.
    ///
    /// `body` must not block. The thread is also the preferred task executor, so that its
    /// continuations do not go through the global pool.
    package func host(_ body: @Sendable (isolated CurlClient) async -> Void) async {
        await withTaskExecutorPreference(thread) { await body(self) }
    }

    /// The number of fetches in flight.
    package var inFlight: Int { transfers.count }

    /// Starts fetches; on kept connections the requests have been sent when this returns.
    ///
    /// `collect` returns exactly one result for each.
    package func start(_ requests: [FetchRequest]) {
        guard !requests.isEmpty else { return }
        let now = SystemClock.now
        // The calls below may end fetches whose deadline passed because this loop is late.
        if transfers.isEmpty { lateness.resetBaseline(at: now) } else { lateness.check(at: now) }
        for request in requests {
            begin(request, at: now)
        }
        startLookups()
        // libcurl asks for an immediate timer for each new transfer.
        multiplexer.fireTimers(at: SystemClock.now)
        handleFinished(at: SystemClock.now)
    }

    /// Waits for results until `until`; one caller at a time.
    ///
    /// - Parameters:
    ///   - until: The end of the wait.
    ///   - gathering: How long the first result may wait for others.
    /// - Returns: The results in the order of their ends; empty if there were none until then, or
    ///   the task was cancelled.
    package func collect(until: Instant, gathering: Duration = .zero) async -> [FetchResult] {
        precondition(!isCollecting, "one caller at a time waits for results")
        isCollecting = true
        await withTaskCancellationHandler {
            // At least once, so that calls without a wait starve neither the loop nor other jobs.
            repeat {
                if thread.hasJobs {
                    await Task.yield()
                } else {
                    runOnce(until: end(of: until, gathering))
                }
            } while SystemClock.now < end(of: until, gathering)
        } onCancel: {
            thread.wakeUp.signal()
        }
        isCollecting = false
        isInterrupted = false
        let collected = results
        results = []
        // The next call will probably return as many.
        results.reserveCapacity(min(collected.count, 256))
        return collected
    }

    /// When `collect` returns, unless another fetch ends first.
    private func end(of until: Instant, _ gathering: Duration) -> Instant {
        if isInterrupted || Task.isCancelled { return .distantPast }
        return results.first.map { min(until, $0.ended + gathering) } ?? until
    }

    private func begin(_ request: FetchRequest, at now: Instant) {
        lastSerial += 1
        let transfer = pool.take()
        transfer.begin(request, serial: lastSerial, at: now)
        lateness.shortenHeartbeat(for: request.timeout)
        transfers[lastSerial] = transfer
        deadlines.insert(lastSerial, at: transfer.deadline)
        halves.insert(lastSerial, at: now + request.timeout.divided(by: 2))
        let answer = request.name.flatMap { names.resolve($0, for: lastSerial, at: now) }
        if request.name == nil || answer != nil {
            transfer.setAddresses(answer, at: now)
            connect(transfer, at: now)
        }
    }

    /// Runs one loop iteration, which waits until `end` at the latest.
    private func runOnce(until end: Instant) {
        let pause = pause(from: SystemClock.now, until: end)
        let isIdle = transfers.isEmpty
        multiplexer.queue.wait(for: pause)
        let woken = SystemClock.now
        if isIdle { lateness.resetBaseline(at: woken) }
        lateness.check(at: woken, afterPause: pause)
        multiplexer.handleEvents(at: woken)
        let now = SystemClock.now
        lateness.check(at: now)
        multiplexer.fireTimers(at: now)
        handleFinished(at: SystemClock.now)
        enforceDeadlines(at: SystemClock.now)
    }

    private func pause(from now: Instant, until end: Instant) -> Duration {
        if thread.hasJobs { return .zero }
        var next = min(end, now + (transfers.isEmpty ? LoopTiming.idleWait : lateness.heartbeat))
        if let timer = multiplexer.timers.next { next = min(next, timer) }
        if let deadline = deadlines.next { next = min(next, deadline) }
        return max(.zero, next - now)
    }

    private func handleFinished(at now: Instant) {
        multiplexer.takeFinished { handleEnd(of: $0, $1, at: now) }
    }

    /// Ends a fetch, whose result `collect` returns.
    func finish(_ transfer: Transfer, _ result: consuming FetchResult) {
        transfers[transfer.serial] = nil
        results.append(result)
        pool.giveBack(transfer)
    }
}
