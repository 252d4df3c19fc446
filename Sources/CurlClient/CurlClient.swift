internal import CCurl
import Dispatch
import Glibc
import HeapModule

/// Fetches documents by GET over HTTP, thousands at a time, on one thread of its own.
///
/// The one entrance is `exchange`: it hands over what to start and waits for what ends, so a caller
/// pays one hop for as many GETs as started or ended together. Each GET ends by its deadline,
/// whatever the other side or the name server does, and delays no other.
///
/// The actor runs on a `CurlThread`; see there. Throwing the client away cuts off what is under
/// way.
package actor CurlClient {
    private struct Deadline: Comparable {
        var at: Int64
        var transfer: Transfer
        var generation: Int

        static func < (left: Deadline, right: Deadline) -> Bool { left.at < right.at }
        static func == (left: Deadline, right: Deadline) -> Bool { left.at == right.at }
    }

    private struct Timer: Comparable {
        var at: Int64
        var shard: Int

        static func < (left: Timer, right: Timer) -> Bool { left.at < right.at }
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Void, Never>
        var until: Int64
    }

    /// Transfers kept for reuse; those of a burst beyond it are freed.
    private static let idleTransfers = 1024
    /// libcurl is given this long to end a transfer itself once its time is up.
    private static let graceAfterDeadline: Int64 = 10_000_000
    /// While transfers are under way the loop looks up at least this often, to notice that it was
    /// held up.
    private static let heartbeat: Int64 = 25_000_000
    private static let wakeUpTag = UInt64.max

    private let thread: CurlThread
    private let wakeUp: WakeUp
    private let limits: Limits
    private var queue: EventQueue
    private var ready: [EventQueue.Event] = []
    private var shards: [Shard?] = []
    private var timers = Heap<Timer>()
    private var deadlines = Heap<Deadline>()
    private var idle: [Transfer] = []
    private var names = NameTable()
    private var waitingForName: [String: [(transfer: Transfer, generation: Int)]] = [:]
    private var ended: [Got] = []
    private var waiter: Waiter?
    /// How many GETs are under way.
    package private(set) var underWay = 0
    private var lastLook = now()
    private var allowedPause: Int64 = 0
    private var lateUntil: Int64 = 0

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    package init(limits: Limits) throws(SystemError) {
        self.limits = limits
        wakeUp = try WakeUp()
        queue = try EventQueue()
        thread = CurlThread(wakeUp: wakeUp)
        queue.watch(
            wakeUp.descriptor,
            forReading: true,
            forWriting: false,
            tag: Self.wakeUpTag
        )
        thread.start { [weak self] in
            guard let self else { return false }
            self.assumeIsolated { $0.turn() }
            return true
        }
    }

    isolated deinit {
        for deadline in deadlines.unordered {
            if case .running(let shard) = deadline.transfer.state {
                shard.multi.remove(deadline.transfer.easy)
            }
            deadline.transfer.state = .idle
        }
        thread.end()
    }

    /// Starts `gets` and waits until something has ended or `until` has come.
    ///
    /// One caller at a time. Every GET comes back exactly once, from this or a later call.
    ///
    /// - Parameter until: CLOCK_MONOTONIC in nanoseconds.
    /// - Returns: What ended, in order; empty when the time came first or the task was cancelled.
    package func exchange(starting gets: [Get], until: Int64) async -> [Got] {
        let now = Self.now()
        for get in gets {
            start(get, at: now)
        }
        if ended.isEmpty, !Task.isCancelled {
            precondition(waiter == nil, "one caller at a time waits for what ends")
            await withTaskCancellationHandler {
                await withCheckedContinuation { waiter = Waiter(continuation: $0, until: until) }
            } onCancel: {
                Task { await self.stopWaiting() }
            }
        }
        defer { ended = [] }
        return ended
    }

    /// CLOCK_MONOTONIC in nanoseconds.
    package static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func stopWaiting() {
        waiter?.continuation.resume()
        waiter = nil
    }

    // MARK: Starting

    private func start(_ get: Get, at now: Int64) {
        let transfer = idle.popLast() ?? Transfer(limits: limits)
        transfer.begin(get, at: now)
        underWay += 1
        deadlines.insert(
            Deadline(
                at: transfer.deadline + Self.graceAfterDeadline,
                transfer: transfer,
                generation: transfer.generation
            )
        )
        guard let name = get.name else {
            return run(transfer, answer: nil, at: now)
        }
        if let answer = names.ask(name, at: now) {
            run(transfer, answer: answer, at: now)
        } else {
            transfer.state = .waitingForName
            waitingForName[name, default: []].append((transfer, transfer.generation))
        }
        startLookups()
    }

    private func run(_ transfer: Transfer, answer: NameTable.Answer?, at now: Int64) {
        let key = transfer.get.key
        let shard = shard(of: key)
        transfer.run(
            in: shard,
            answer: answer,
            keepsConnection: key < limits.keptConnections,
            at: now
        )
        grantWishes(of: shard, at: now)
    }

    private func shard(of key: Int) -> Shard {
        let index = key / Limits.keysPerMulti
        while shards.count <= index {
            shards.append(nil)
        }
        if let shard = shards[index] { return shard }
        let kept = min(
            max(limits.keptConnections - index * Limits.keysPerMulti, 0),
            Limits.keysPerMulti
        )
        let shard = Shard(index: index, keptConnections: kept)
        shards[index] = shard
        return shard
    }

    /// Lets the system's resolver work on threads of its own; it blocks for as long as it likes.
    private func startLookups() {
        while let name = names.startLookup() {
            DispatchQueue(label: "lookup")
                .async {
                    let result = lookUp(name)
                    Task { await self.endLookup(of: name, result) }
                }
        }
    }

    private func endLookup(of name: String, _ result: Result<[String], LookupFailure>) {
        let now = Self.now()
        let addresses = try? result.get()
        names.endLookup(of: name, addresses: addresses, at: now)
        for (transfer, generation) in waitingForName.removeValue(forKey: name) ?? []
        where transfer.generation == generation {
            switch result {
            case .success(let addresses):
                let answer = NameTable.Answer(addresses: addresses, at: now)
                run(transfer, answer: answer, at: now)
            case .failure(let failure):
                end(transfer, transfer.failedLookingUp(.nameNotFound, failure.detail, at: now))
            }
        }
        startLookups()
    }

    // MARK: The loop

    /// Waits for what is next, and does it. On the thread only; it may wait.
    private func turn() {
        wait()
        let now = Self.now()
        noticeLateness(at: now)
        for event in ready {
            act(on: event, at: now)
        }
        fireTimers(at: now)
        enforceDeadlines(at: now)
        if let waiting = waiter, !ended.isEmpty || waiting.until <= now {
            waiter = nil
            waiting.continuation.resume()
        }
    }

    private func wait() {
        let now = Self.now()
        var next = waiter?.until ?? now + 1_000_000_000
        if underWay > 0 { next = min(next, now + Self.heartbeat) }
        if let timer = timers.min { next = min(next, timer.at) }
        if let deadline = deadlines.min { next = min(next, deadline.at) }
        let mayWait = thread.hasJobs || (!ended.isEmpty && waiter != nil) ? 0 : max(0, next - now)
        allowedPause = underWay > 0 ? mayWait : Int64.max / 2
        queue.wait(nanoseconds: mayWait, into: &ready)
    }

    /// Notes that the loop did not look up when it meant to: a stopped process, a starved machine.
    private func noticeLateness(at now: Int64) {
        if now - lastLook > allowedPause + Limits.toleratedLateness {
            lateUntil = now
        }
        lastLook = now
    }

    private func act(on event: EventQueue.Event, at now: Int64) {
        guard event.tag != Self.wakeUpTag else { return wakeUp.drain() }
        let socket = Int32(truncatingIfNeeded: event.tag & 0xffff_ffff)
        guard let shard = shards[Int(event.tag >> 32)] else { return }
        shard.multi.socketIsReady(
            socket,
            readable: event.isReadable,
            writable: event.isWritable
        )
        settle(shard, at: now)
    }

    private func fireTimers(at now: Int64) {
        while let timer = timers.min, timer.at <= now {
            timers.removeMin()
            guard let shard = shards[timer.shard], shard.timerDue == timer.at else { continue }
            shard.timerDue = nil
            shard.multi.timerFired()
            settle(shard, at: now)
        }
    }

    /// Ends what libcurl should have ended, and what waits for a name in vain.
    private func enforceDeadlines(at now: Int64) {
        while let deadline = deadlines.min, deadline.at <= now {
            deadlines.removeMin()
            let transfer = deadline.transfer
            guard transfer.generation == deadline.generation else { continue }
            switch transfer.state {
            case .idle: continue
            case .waitingForName:
                let cause = GetFailure.Cause.timedOut(loopWasLate: lateUntil > transfer.started)
                end(transfer, transfer.failedLookingUp(cause, "no answer about the name", at: now))
            case .running:
                finish(transfer, CURLE_OPERATION_TIMEDOUT, at: now)
            }
        }
    }

    /// Takes what ended on `shard` and carries out what libcurl wants next.
    private func settle(_ shard: Shard, at now: Int64) {
        while let (transfer, code) = shard.multi.nextFinished() {
            finish(transfer, code, at: now)
        }
        grantWishes(of: shard, at: now)
    }

    private func grantWishes(of shard: Shard, at now: Int64) {
        let wishes = shard.multi.wishes
        for wish in wishes.sockets {
            if wish.reading || wish.writing {
                let tag = UInt64(shard.index) << 32 | UInt64(UInt32(bitPattern: wish.socket))
                queue.watch(
                    wish.socket,
                    forReading: wish.reading,
                    forWriting: wish.writing,
                    tag: tag
                )
            } else {
                queue.forget(wish.socket)
            }
        }
        wishes.sockets.removeAll(keepingCapacity: true)
        guard let milliseconds = wishes.timerMilliseconds else { return }
        wishes.timerMilliseconds = nil
        shard.timerDue = milliseconds < 0 ? nil : now + Int64(milliseconds) * 1_000_000
        if let due = shard.timerDue {
            timers.insert(Timer(at: due, shard: shard.index))
        }
    }

    // MARK: Ending

    private func finish(_ transfer: Transfer, _ code: CURLcode, at now: Int64) {
        let got = transfer.got(code, at: now, lateUntil: lateUntil)
        if case .running(let shard) = transfer.state {
            shard.multi.remove(transfer.easy)
            grantWishes(of: shard, at: now)
        }
        end(transfer, got)
    }

    private func end(_ transfer: Transfer, _ got: Got) {
        transfer.state = .idle
        underWay -= 1
        ended.append(got)
        if idle.count < Self.idleTransfers {
            idle.append(transfer)
        }
    }
}
