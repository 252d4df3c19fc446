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

    let limits: Limits
    let reception: Reception
    var easy: EasyHandle
    var state = State.idle
    /// Which GET of the client it is.
    private(set) var serial = 0
    private(set) var get = Get(key: 0, url: "", name: nil, port: 0, timeout: 0)
    private(set) var started: Int64 = 0
    private(set) var deadline: Int64 = 0
    /// When the address was known.
    private(set) var resolved: Int64 = 0
    /// When the address that is used was looked up, if it was.
    private(set) var lookedUp: Int64?
    /// The addresses that are tried.
    private(set) var plan = AddressPlan([])
    /// When libcurl was handed the current attempt: its times count from then.
    private var handedOver: Int64 = 0
    /// Whether an address refused the connection: of several that fail, that one says the most.
    var wasRefused = false
    /// Sockets made in the current attempt.
    var openedSockets = 0
    /// errno of the last socket that the system refused to make for it; 0 if there was none.
    var socketError: Int32 = 0

    init(limits: Limits) {
        self.limits = limits
        reception = Reception(limits: limits)
        easy = EasyHandle(limits: limits)
        easy.report(to: self)
    }

    /// Becomes the GET with this serial number.
    func begin(_ get: Get, serial: Int, at now: Int64) {
        self.get = get
        self.serial = serial
        started = now
        deadline = now + get.timeout
        wasRefused = false
        locate(nil, at: now)
    }

    /// Takes note of where the URL's host is; nil if it is an address itself.
    func locate(_ answer: NameTable.Answer?, at now: Int64) {
        resolved = now
        lookedUp = answer?.at
        plan = AddressPlan(answer?.addresses ?? [])
    }

    /// Tells libcurl what to get, before it is added to a multi handle.
    ///
    /// - Parameters:
    ///   - keepsConnection: Whether the connection is left open for the next GET of the key.
    ///   - now: When it is added.
    func prepare(keepsConnection: Bool, at now: Int64) {
        let addresses = plan.takeNext(from: now, until: deadline)
        let attempt = Self.milliseconds(from: now, to: plan.attemptEnd ?? deadline)
        handedOver = now
        socketError = 0
        openedSockets = 0
        easy.prepare(
            get,
            addresses: addresses,
            timeoutMilliseconds: Self.milliseconds(from: now, to: deadline),
            // A quarter of its time, so that either family gets a chance within a short deadline.
            headStartMilliseconds: min(Limits.longestHeadStart, attempt / 4),
            keepsConnection: keepsConnection
        )
    }

    private static func milliseconds(from now: Int64, to end: Int64) -> Int {
        max(1, Int((end - now + 999_999) / 1_000_000))
    }

    /// The answer to a GET that libcurl ended with `code`.
    func got(_ code: CURLcode, at now: Int64, lateness: Lateness) -> Got {
        let facts = unsafe easy.facts
        let waited = Double(handedOver - started) / 1e9
        var times = Got.Times()
        times.dns = Double(resolved - started) / 1e9
        times.connect = unsafe Self.seconds(facts.connect, after: waited)
        times.tls = unsafe Self.seconds(facts.app_connect, after: waited)
        times.firstByte = unsafe Self.seconds(facts.start_transfer, after: waited)
        times.total = unsafe Self.seconds(facts.total, after: waited)
        times.addressAge = lookedUp.map { Double(now - $0) / 1e9 }
        let status = unsafe Int(facts.status)
        guard let cause = cause(of: code, status: status, lateness: lateness) else {
            return Got(
                key: get.key,
                ended: now,
                times: times,
                outcome: .document(reception.takeBody(), status: status),
                loopWasLate: lateness.occurred(since: started, beyond: Limits.latenessInLatency)
            )
        }
        // libcurl's own total stands still where it did not end the transfer itself.
        times.total = Double(now - started) / 1e9
        let failure = GetFailure(
            cause: cause,
            // A handshake that the server refuses after the client's part of it never ended.
            phase: cause == .tlsFailed ? .tls : unsafe phase(at: facts, code),
            status: status < 200 ? nil : status,
            contentType: easy.contentType,
            detail: detail(of: cause, code)
        )
        return Got(key: get.key, ended: now, times: times, outcome: .failed(failure))
    }

    /// What to tell the operator beside the cause.
    private func detail(of cause: GetFailure.Cause, _ code: CURLcode) -> String {
        if reception.fault != nil { return reception.faultDetail }
        if cause == .headersTooLarge { return limits.headersTooLarge }
        // Of a transfer that went well libcurl says "No error", though its status is one.
        guard code != CURLE_OK else { return "" }
        let explanation = easy.explanation(of: code)
        // libcurl does not say why a connection could not be made; the system does.
        guard code == CURLE_COULDNT_CONNECT, systemError != 0 else { return explanation }
        return unsafe "\(explanation): \(String(cString: strerror(systemError)))"
    }

    /// The answer to a GET that ended outside libcurl, before it had an address.
    func failedLookingUp(_ cause: GetFailure.Cause, _ detail: String, at now: Int64) -> Got {
        var times = Got.Times()
        times.dns = Double(now - started) / 1e9
        times.total = times.dns
        let failure = GetFailure(cause: cause, phase: .dns, detail: detail)
        return Got(key: get.key, ended: now, times: times, outcome: .failed(failure))
    }

    private static func seconds(_ microseconds: curl_off_t, after waited: Double) -> Double {
        microseconds == 0 ? 0 : waited + Double(microseconds) / 1e6
    }

    /// Where a failed transfer stood; libcurl's times stay 0 where a point was not reached.
    private func phase(at facts: nova_transfer_facts, _ code: CURLcode) -> GetFailure.Phase {
        if reception.hasStatusLine { return .body }
        // The end of a connection without an answer reads as a first byte.
        if unsafe facts.start_transfer > 0, code != CURLE_GOT_NOTHING { return .body }
        if unsafe facts.pre_transfer > 0 { return .firstByte }
        // The time of connect comes only with that of TLS.
        return unsafe facts.local_port > 0 ? .tls : .connect
    }

    /// Why there is no document; nil if there is one.
    private func cause(
        of code: CURLcode,
        status: Int,
        lateness: Lateness
    ) -> GetFailure.Cause? {
        if (300...399).contains(status) { return .redirected }
        if reception.hasStatusLine, status >= 200, !(200...299).contains(status) { return .status }
        if let fault = reception.fault { return fault }
        switch code {
        // libcurl is content with an answer that ends within its headers, or that is only interim.
        case CURLE_OK where !reception.hasWholeHead: return .connectionLost
        case CURLE_OK: return status < 200 ? .badHTTP : nil
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(loopWasLate: lateness.excuses(self))
        case CURLE_COULDNT_CONNECT where socketError != 0 && socketError != EAFNOSUPPORT:
            // No socket could be made: this process or machine has reached a limit of its own.
            return .internal
        default:
            return GetFailure.cause(
                of: code,
                systemError: systemError,
                explanation: easy.explanation(of: code)
            )
        }
    }
}
