internal import CCurl
internal import ClientTLS
import Glibc
internal import Timing

/// One attempt of a fetch: its easy handle, its response so far, and its state.
///
/// Reused for later fetches. On the client's thread only.
final class Transfer {
    /// `idle` before libcurl has it, and after: in the pool, or waiting for a name lookup.
    enum State {
        case idle
        case running(Shard)
    }

    let limits: FetchLimits
    /// The generation of the pool when this transfer was made.
    let generation: TransferPool.Generation
    let receiver: ResponseReceiver
    var easy: EasyHandle
    var state = State.idle
    /// The serial number of the fetch, unique within the client.
    private(set) var serial = 0
    private(set) var request = FetchRequest(key: 0, url: "", name: nil, port: 0, timeout: .zero)
    private(set) var started = Instant.distantPast
    private(set) var deadline = Instant.distantPast
    /// When the addresses were known.
    private(set) var resolved = Instant.distantPast
    /// The result of the name lookup; nil if the URL contains an address.
    private(set) var answer: NameTable.Answer?
    private(set) var plan = AddressPlan([])
    /// Whether an address refused the connection; this is the most specific of several failures.
    var wasRefused = false
    /// The sockets that were created for the current addresses.
    var openedSockets = 0
    var attempt = Attempt(began: .distantPast)
    /// The attempt on a silent kept connection, if this is the second attempt.
    var firstAttempt: Transfer?
    /// How the second attempt failed, if this is the first.
    var secondFailure: FetchFailure?
    /// errno of the last socket that could not be created; 0 if there was none.
    var socketError: Int32 = 0

    init(limits: FetchLimits, generation: TransferPool.Generation) {
        self.limits = limits
        self.generation = generation
        receiver = ResponseReceiver(limits: limits)
        easy = EasyHandle(limits: limits)
        easy.setCallbackContext(self)
    }

    /// Begins the first attempt of a fetch.
    func begin(_ request: FetchRequest, serial: Int, at now: Instant) {
        self.request = request
        self.serial = serial
        started = now
        deadline = now + request.timeout
        wasRefused = false
        attempt = Attempt(began: now)
        firstAttempt = nil
        secondFailure = nil
        setAddresses(nil, at: now)
    }

    /// Begins the second attempt of the fetch of `kept`, on a fresh connection.
    func begin(alongside kept: Transfer) {
        begin(kept.request, serial: kept.serial, at: kept.started)
        setAddresses(kept.answer, at: kept.resolved)
        attempt.needsFreshConnection = true
        firstAttempt = kept
    }

    /// Begins the second attempt in place of the first, on a fresh connection.
    func restartOnFreshConnection() {
        if attempt.hasRetried {
            easy = EasyHandle(limits: limits)
            easy.setCallbackContext(self)
        }
        receiver.reset()
        wasRefused = false
        attempt = Attempt(needsFreshConnection: true, began: started)
        setAddresses(answer, at: resolved)
    }

    /// Sets the result of the name lookup; nil if the URL contains an address.
    func setAddresses(_ answer: NameTable.Answer?, at now: Instant) {
        resolved = now
        self.answer = answer
        plan = AddressPlan(answer?.addresses ?? [])
    }

    /// Sets libcurl's options for the next addresses, before the handle is added to a multi handle.
    ///
    /// - Parameters:
    ///   - keepsConnection: Whether the connection stays open for the next fetch of the key.
    ///   - actions: Records that the connection was closed.
    ///   - now: The present moment.
    func prepare(keepsConnection: Bool, actions: PendingActions, at now: Instant) {
        let addresses = plan.takeNext(from: now, until: deadline)
        attempt.began = now
        socketError = 0
        openedSockets = 0
        easy.setCloseContext(actions)
        easy.clearErrorText()
        easy.set(CURLOPT_URL, request.url)
        if limits.tls.token != nil { easy.sendToken(isSecure) }
        easy.set(CURLOPT_TIMEOUT_MS, milliseconds: deadline - now)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds: deadline - now)
        easy.set(CURLOPT_FORBID_REUSE, keepsConnection ? 0 : 1)
        easy.set(CURLOPT_FRESH_CONNECT, attempt.needsFreshConnection ? 1 : 0)
        let age = isSecure ? limits.secureConnectionLife : .zero
        let maximumAge = request.name == nil ? age : limits.namedConnectionLife
        easy.set(CURLOPT_MAXLIFETIME_CONN, seconds: maximumAge)
        if addresses.count > 1 {
            // At most a quarter, so that both families get a chance within a short timeout.
            let share = ((plan.attemptEnd ?? deadline) - now).divided(by: 4)
            let headStart = min(AddressPlan.longestHeadStart, share)
            easy.set(CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, milliseconds: headStart)
        }
        let list = addresses.joined(separator: ",")
        easy.resolve(request.name.map { "\($0):\(request.port):\(list)" })
    }

    /// The result of an attempt that ended with `code`.
    func result(of code: CURLcode, at now: Instant, _ lateness: Lateness) -> FetchResult {
        let facts = unsafe easy.facts
        let status = unsafe Int(facts.status)
        let waited = attempt.began.seconds(since: started)
        var times = FetchResult.Times()
        times.dns = resolved.seconds(since: started)
        times.connect = unsafe Self.seconds(facts.connect, after: waited)
        times.tls = unsafe Self.seconds(facts.app_connect, after: waited)
        times.firstByte = unsafe Self.seconds(facts.start_transfer, after: waited)
        times.total = unsafe Self.seconds(facts.total, after: waited)
        times.addressAge = answer.map { now.seconds(since: $0.at) }
        guard let cause = cause(of: code, status: status, lateness: lateness) else {
            let document = FetchResult.Outcome.document(receiver.takeBody(), status: status)
            var result = FetchResult(key: request.key, ended: now, times: times, outcome: document)
            result.loopWasLate = lateness.wasLate(since: started, by: LoopTiming.latenessInLatency)
            result.certificate = attempt.handshake?.certificate
            return result
        }
        // libcurl's total is outdated if the client ended the transfer.
        times.total = now.seconds(since: started)
        let failure =
            (receiver.head.isComplete ? nil : secondFailure)
            ?? FetchFailure(
                cause: cause,
                // A server may reject the handshake after the client has completed its part.
                phase: cause.isTLS ? .tls : unsafe phase(at: facts, code),
                status: status < 200 ? nil : status,
                contentType: easy.contentType,
                detail: detail(of: cause, code),
                body: cause == .status ? receiver.takeBody() : []
            )
        var result = FetchResult(
            key: request.key,
            ended: now,
            times: times,
            outcome: .failed(failure)
        )
        result.certificate = attempt.handshake?.certificate
        return result
    }

    /// The result of a fetch without an address.
    func lookupFailed(_ cause: FetchFailure.Cause, _ text: String, at now: Instant) -> FetchResult {
        let waited = now.seconds(since: started)
        let times = FetchResult.Times(dns: waited, total: waited)
        let failure = FetchFailure(cause: cause, phase: .dns, detail: text)
        return FetchResult(key: request.key, ended: now, times: times, outcome: .failed(failure))
    }

    private static func seconds(_ microseconds: curl_off_t, after waited: Double) -> Double {
        microseconds == 0 ? 0 : waited + Double(microseconds) / 1e6
    }
}
