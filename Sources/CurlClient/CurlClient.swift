internal import CCurl

/// Fetches documents by GET over HTTP, thousands at a time, on one thread of its own.
///
/// `start` asks, for as much as there is at once; `collect` waits for what ends, and the loop turns
/// in it while it waits. Each GET ends by its deadline, whatever the other side or the name server
/// does, and delays no other.
///
/// The actor runs on a `CurlThread`; see there. Throwing it away cuts off what is under way.
package actor CurlClient {
    private let thread: CurlThread
    let multiplexer: Multiplexer
    var names = NameTable()
    let resolver: Resolver
    var deadlines = Deadlines()
    /// When half of the time of each GET is over.
    var halves = Deadlines()
    private(set) var lateness = Lateness(at: now())
    /// Every GET under way, by its serial number.
    var transfers: [Int: Transfer] = [:]
    var pool: TransferPool
    private var lastSerial = 0
    var ended: [FetchResult] = []
    var isInterrupted = false
    private var isCollecting = false

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    /// Opens what can fail to open, and starts the thread.
    package init(limits: FetchLimits) throws(SystemError) {
        try self.init(limits: limits, resolver: lookUp)
    }

    /// The same, with names looked up by `resolver`; it may block.
    init(limits: FetchLimits, resolver: @escaping Resolver) throws(SystemError) {
        self.resolver = resolver
        pool = TransferPool(limits: limits)
        let wakeUp = try WakeUp()
        multiplexer = try Multiplexer(keptConnections: limits.keptConnections, wakeUp: wakeUp)
        thread = CurlThread(wakeUp: wakeUp)
        try thread.start { [weak self] in
            guard let self else { return false }
            self.assumeIsolated { $0.turn(until: .max) }
            return true
        }
    }

    isolated deinit {
        let now = Self.now()
        for transfer in transfers.values {
            cancel(transfer, at: now)
        }
        thread.end()
    }

    /// Runs `body` on the thread of this client, where asking the client costs no change of
    /// executors; it must not block.
    ///
    /// The thread is preferred as well: what has to go by way of the pool does not wait for it.
    package func host(_ body: @Sendable (isolated CurlClient) async -> Void) async {
        await withTaskExecutorPreference(thread) { await body(self) }
    }

    package var inFlight: Int { transfers.count }

    /// Starts `gets`: on kept connections they are asked when this returns.
    ///
    /// Each of them comes back exactly once from `collect`.
    package func start(_ requests: [FetchRequest]) {
        guard !requests.isEmpty else { return }
        let now = Self.now()
        // libcurl may be called below for others too, and end what is overdue because we are.
        if transfers.isEmpty { lateness.resetBaseline(at: now) } else { lateness.check(at: now) }
        for request in requests {
            begin(request, at: now)
        }
        startLookups()
        // libcurl wants to be called for what is new at once.
        multiplexer.fireTimers(at: Self.now())
        endFinished(at: Self.now())
    }

    /// Waits until something has ended or `until` has come.
    ///
    /// One caller at a time.
    ///
    /// - Parameters:
    ///   - until: CLOCK_MONOTONIC in nanoseconds.
    ///   - gathering: For how many nanoseconds what ends first waits for company.
    /// - Returns: What ended, in order; empty when the time came first or the task was cancelled.
    package func collect(until: Int64, gathering: Int64 = 0) async -> [FetchResult] {
        precondition(!isCollecting, "one caller at a time waits for what ends")
        isCollecting = true
        await withTaskCancellationHandler {
            // Once at least, so that a caller in a hurry keeps neither the loop nor others waiting.
            repeat {
                if thread.hasJobs {
                    await Task.yield()
                } else {
                    turn(until: end(of: until, gathering))
                }
            } while Self.now() < end(of: until, gathering)
        } onCancel: {
            thread.wakeUp.signal()
        }
        isCollecting = false
        isInterrupted = false
        let answers = ended
        ended = []
        // As many will end in the next turn, most likely.
        ended.reserveCapacity(min(answers.count, 256))
        return answers
    }

    /// When a wait is over, as things stand.
    private func end(of until: Int64, _ gathering: Int64) -> Int64 {
        if isInterrupted || Task.isCancelled { return 0 }
        return ended.first.map { min(until, $0.ended + gathering) } ?? until
    }

    private func begin(_ request: FetchRequest, at now: Int64) {
        lastSerial += 1
        let transfer = pool.take()
        transfer.begin(request, serial: lastSerial, at: now)
        lateness.shortenHeartbeat(for: request.timeout)
        transfers[lastSerial] = transfer
        deadlines.insert(lastSerial, at: transfer.deadline)
        halves.insert(lastSerial, at: now + request.timeout / 2)
        let answer = request.name.flatMap { names.ask($0, for: lastSerial, at: now) }
        if request.name == nil || answer != nil {
            locate(transfer, answer, at: now)
        }
    }

    /// Waits for what is next, for `end` at the latest, and does it.
    private func turn(until end: Int64) {
        let pause = pause(from: Self.now(), until: end)
        let isIdle = transfers.isEmpty
        multiplexer.wait(nanoseconds: pause)
        let woken = Self.now()
        if isIdle { lateness.resetBaseline(at: woken) }
        lateness.check(at: woken, afterPause: pause)
        multiplexer.handleEvents(at: woken)
        let now = Self.now()
        lateness.check(at: now)
        multiplexer.fireTimers(at: now)
        endFinished(at: Self.now())
        enforceDeadlines(at: Self.now())
    }

    /// How long the loop may wait.
    private func pause(from now: Int64, until end: Int64) -> Int64 {
        if thread.hasJobs { return 0 }
        var next = min(end, now + (transfers.isEmpty ? LoopTiming.rest : lateness.heartbeat))
        if let timer = multiplexer.nextTimer { next = min(next, timer) }
        if let deadline = deadlines.next { next = min(next, deadline) }
        return max(0, next - now)
    }

    private func endFinished(at now: Int64) {
        multiplexer.takeFinished { transfer, code in finish(transfer, code, at: now) }
    }

    /// Ends a fetch, whose result `collect` returns.
    func end(_ transfer: Transfer, _ result: consuming FetchResult) {
        transfers[transfer.serial] = nil
        ended.append(result)
        pool.giveBack(transfer)
    }
}
