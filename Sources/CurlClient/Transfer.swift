internal import CCurl
import Glibc

/// One GET under way: its easy handle, what has come, and where it stands.
///
/// Reused from GET to GET. On the client's thread only.
final class Transfer {
    /// Where it stands: at rest or waiting for the address of a name, or in the hands of libcurl.
    enum State {
        case idle
        case running(Shard)
    }

    let limits: FetchLimits
    let receiver: ResponseReceiver
    var easy: EasyHandle
    var state = State.idle
    /// Which GET of the client it is.
    private(set) var serial = 0
    private(set) var request = FetchRequest(key: 0, url: "", name: nil, port: 0, timeout: 0)
    private(set) var started: Int64 = 0
    private(set) var deadline: Int64 = 0
    /// When the address was known.
    private(set) var resolved: Int64 = 0
    /// Where the host of the URL is, if that was looked up.
    private(set) var answer: NameTable.Answer?
    /// The addresses that are tried.
    private(set) var plan = AddressPlan([])
    /// Whether an address refused the connection: of several that fail, that one says the most.
    var wasRefused = false
    /// Sockets made in the current attempt.
    var openedSockets = 0
    /// How it is being tried.
    var attempt = Attempt(began: 0)
    /// The attempt on a kept connection, silent so far, beside which this one was started.
    var earlier: Transfer?
    /// How an attempt that was started beside this one failed.
    var secondFailure: FetchFailure?
    /// errno of the last socket that the system refused to make for it; 0 if there was none.
    var socketError: Int32 = 0

    init(limits: FetchLimits) {
        self.limits = limits
        receiver = ResponseReceiver(limits: limits)
        easy = EasyHandle(limits: limits)
        easy.setCallbackContext(self)
    }

    /// Becomes the GET with this serial number.
    func begin(_ request: FetchRequest, serial: Int, at now: Int64) {
        self.request = request
        self.serial = serial
        started = now
        deadline = now + request.timeout
        wasRefused = false
        attempt = Attempt(began: now)
        earlier = nil
        secondFailure = nil
        locate(nil, at: now)
    }

    /// Becomes another attempt at the GET of `kept`, on a fresh connection.
    func begin(alongside kept: Transfer) {
        begin(kept.request, serial: kept.serial, at: kept.started)
        locate(kept.answer, at: kept.resolved)
        attempt.needsFreshConnection = true
        earlier = kept
    }

    /// Begins again, on a fresh connection.
    func restartOnFreshConnection() {
        if attempt.hasRetried {
            easy = EasyHandle(limits: limits)
            easy.setCallbackContext(self)
        }
        receiver.reset()
        wasRefused = false
        attempt = Attempt(needsFreshConnection: true, began: started)
        locate(answer, at: resolved)
    }

    /// Takes note of where the URL's host is; nil if it is an address itself.
    func locate(_ answer: NameTable.Answer?, at now: Int64) {
        resolved = now
        self.answer = answer
        plan = AddressPlan(answer?.addresses ?? [])
    }

    /// Tells libcurl what to get, before it is added to a multi handle.
    ///
    /// - Parameters:
    ///   - keepsConnection: Whether the connection is left open for the next GET of the key.
    ///   - actions: Who is told when the connection is closed.
    ///   - now: When it is added.
    func prepare(keepsConnection: Bool, closesTo actions: PendingActions, at now: Int64) {
        let addresses = plan.takeNext(from: now, until: deadline)
        let share = Self.milliseconds(from: now, to: plan.attemptEnd ?? deadline)
        attempt.began = now
        socketError = 0
        openedSockets = 0
        easy.reportCloses(to: actions)
        easy.prepare(
            request,
            addresses: addresses,
            timeoutMilliseconds: Self.milliseconds(from: now, to: deadline),
            // A quarter of its time, so that either family gets a chance within a short deadline.
            headStartMilliseconds: min(AddressPlan.longestHeadStart, share / 4),
            keepsConnection: keepsConnection,
            needsFreshConnection: attempt.needsFreshConnection
        )
    }

    private static func milliseconds(from now: Int64, to end: Int64) -> Int {
        max(1, Int((end - now + 999_999) / 1_000_000))
    }

    /// The answer to a GET that libcurl ended with `code`.
    func result(of code: CURLcode, at now: Int64, lateness: Lateness) -> FetchResult {
        let facts = unsafe easy.facts
        let waited = Double(attempt.began - started) / 1e9
        var times = FetchResult.Times()
        times.dns = Double(resolved - started) / 1e9
        times.connect = unsafe Self.seconds(facts.connect, after: waited)
        times.tls = unsafe Self.seconds(facts.app_connect, after: waited)
        times.firstByte = unsafe Self.seconds(facts.start_transfer, after: waited)
        times.total = unsafe Self.seconds(facts.total, after: waited)
        times.addressAge = answer.map { Double(now - $0.at) / 1e9 }
        let status = unsafe Int(facts.status)
        guard let cause = cause(of: code, status: status, lateness: lateness) else {
            return FetchResult(
                key: request.key,
                ended: now,
                times: times,
                outcome: .document(receiver.takeBody(), status: status),
                loopWasLate: lateness.wasLate(since: started, by: LoopTiming.latenessInLatency)
            )
        }
        // libcurl's own total stands still where it did not end the transfer itself.
        times.total = Double(now - started) / 1e9
        if let secondFailure, !receiver.hasWholeHead {
            return FetchResult(
                key: request.key,
                ended: now,
                times: times,
                outcome: .failed(secondFailure)
            )
        }
        let failure = FetchFailure(
            cause: cause,
            // A handshake that the server refuses after the client's part of it never ended.
            phase: cause == .tlsFailed ? .tls : unsafe phase(at: facts, code),
            status: status < 200 ? nil : status,
            contentType: easy.contentType,
            detail: detail(of: cause, code)
        )
        return FetchResult(key: request.key, ended: now, times: times, outcome: .failed(failure))
    }

    /// The answer to a GET that ended outside libcurl, before it had an address.
    func lookupFailed(_ cause: FetchFailure.Cause, _ detail: String, at now: Int64) -> FetchResult {
        var times = FetchResult.Times()
        times.dns = Double(now - started) / 1e9
        times.total = times.dns
        let failure = FetchFailure(cause: cause, phase: .dns, detail: detail)
        return FetchResult(key: request.key, ended: now, times: times, outcome: .failed(failure))
    }

    private static func seconds(_ microseconds: curl_off_t, after waited: Double) -> Double {
        microseconds == 0 ? 0 : waited + Double(microseconds) / 1e6
    }
}
