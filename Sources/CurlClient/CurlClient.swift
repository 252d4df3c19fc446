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
    private var halves = Deadlines()
    private(set) var lateness = Lateness(at: now())
    /// Every GET under way, by its serial number.
    var transfers: [Int: Transfer] = [:]
    var pool: TransferPool
    private var lastSerial = 0
    var ended: [Got] = []
    var isInterrupted = false
    private var isWaitedFor = false

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    /// Opens what can fail to open, and starts the thread.
    package init(limits: Limits) throws(SystemError) {
        try self.init(limits: limits, resolver: lookUp)
    }

    /// The same, with names looked up by `resolver`; it may block.
    init(limits: Limits, resolver: @escaping Resolver) throws(SystemError) {
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
            cutOff(transfer, at: now)
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

    package var underWay: Int { transfers.count }

    /// Starts `gets`: on kept connections they are asked when this returns.
    ///
    /// Each of them comes back exactly once from `collect`.
    package func start(_ gets: [Get]) {
        guard !gets.isEmpty else { return }
        let now = Self.now()
        // libcurl may be called below for others too, and end what is overdue because we are.
        if transfers.isEmpty { lateness.forgive(at: now) } else { lateness.look(at: now) }
        for get in gets {
            begin(get, at: now)
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
    package func collect(until: Int64, gathering: Int64 = 0) async -> [Got] {
        precondition(!isWaitedFor, "one caller at a time waits for what ends")
        isWaitedFor = true
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
        isWaitedFor = false
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

    private func begin(_ get: Get, at now: Int64) {
        lastSerial += 1
        let transfer = pool.take()
        transfer.begin(get, serial: lastSerial, at: now)
        lateness.watch(over: get.timeout)
        transfers[lastSerial] = transfer
        deadlines.insert(lastSerial, at: transfer.deadline)
        halves.insert(lastSerial, at: now + get.timeout / 2)
        let answer = get.name.flatMap { names.ask($0, for: lastSerial, at: now) }
        if get.name == nil || answer != nil {
            locate(transfer, answer, at: now)
        }
    }

    /// Waits for what is next, for `end` at the latest, and does it.
    private func turn(until end: Int64) {
        let pause = pause(from: Self.now(), until: end)
        let isIdle = transfers.isEmpty
        multiplexer.wait(nanoseconds: pause)
        let woken = Self.now()
        if isIdle { lateness.forgive(at: woken) }
        lateness.look(at: woken, allowing: pause)
        multiplexer.handleEvents(at: woken)
        let now = Self.now()
        lateness.look(at: now)
        multiplexer.fireTimers(at: now)
        endFinished(at: Self.now())
        enforceDeadlines(at: Self.now())
    }

    /// How long the loop may wait.
    private func pause(from now: Int64, until end: Int64) -> Int64 {
        if thread.hasJobs { return 0 }
        var next = min(end, now + (transfers.isEmpty ? Limits.rest : lateness.heartbeat))
        if let timer = multiplexer.nextTimer { next = min(next, timer) }
        if let deadline = deadlines.next { next = min(next, deadline) }
        return max(0, next - now)
    }

    private func endFinished(at now: Int64) {
        multiplexer.takeFinished { transfer, code in finish(transfer, code, at: now) }
    }

    /// Ends what libcurl should have ended, what waits for a name in vain, and attempts to connect
    /// whose time is up; and starts a second attempt where half of the time has passed in silence.
    private func enforceDeadlines(at now: Int64) {
        while let serial = deadlines.takeDue(at: now) {
            guard let transfer = transfers[serial] else { continue }
            if now < transfer.deadline {
                endAttempt(of: transfer, at: now)
            } else if case .running = transfer.state {
                let latest = transfer.deadline + Limits.graceAfterDeadline
                guard latest <= now else {
                    deadlines.insert(serial, at: latest)
                    continue
                }
                cutOff(transfer, at: now)
                end(transfer, transfer.got(CURLE_OPERATION_TIMEDOUT, at: now, lateness: lateness))
            } else {
                names.stopWaiting(serial, for: transfer.get.name)
                let cause = GetFailure.Cause.timedOut(loopWasLate: lateness.excuses(transfer))
                end(transfer, transfer.failedLookingUp(cause, "no answer about the name", at: now))
            }
        }
        // The heartbeat brings us here soon enough.
        while let serial = halves.takeDue(at: now) {
            guard let transfer = transfers[serial], transfer.isSilentOnKept else { continue }
            startBeside(transfer, at: now)
        }
    }

    /// Hands over how a GET came to its end.
    func end(_ transfer: Transfer, _ got: consuming Got) {
        transfers[transfer.serial] = nil
        ended.append(got)
        pool.giveBack(transfer)
    }
}
