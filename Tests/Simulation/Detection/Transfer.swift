import Federation
import TestSupport
import Timing

/// One pull over TCP, through a network that may lose packets.
///
/// Times are in seconds since its start. A lost packet is repeated as by Linux: a SYN after 1 s and
/// then 2 s, data after 200 ms and a round trip, then twice that, and so on. The request and the
/// response are one packet each.
struct Transfer {
    var start: Instant
    /// The deadline of the pull.
    var limit: Double
    var oneWay: Double
    /// The probability that a packet is lost.
    var loss: Double
    /// The outage of the puller that may overlap this pull.
    var outage: Outage?
    /// The death of the peer that may overlap this pull.
    var death: Death?

    /// How long the peer takes for its response.
    private static let service = 0.001
    private static let leastRepeat = 0.2
    private static let connectRepeat = 1.0

    /// When the pull ends, and why it fails; nil if it is good.
    func run(
        isConnected: Bool,
        using generator: inout SeededGenerator
    ) -> (seconds: Double, reason: FailureReason?) {
        var at = 0.0
        if !isConnected {
            if let outage, !outage.isSilent, outage.span.contains(start) {
                return (0.001, .connectFailed)
            }
            guard let answered = connect(&generator) else { return (limit, .timedOut) }
            if death.map({ $0.span.contains(moment(answered - oneWay)) }) ?? false {
                return (answered, .connectRefused)
            }
            at = answered
        }
        let wait = Self.leastRepeat + 2 * oneWay
        guard let sent = send(at, wait, &generator) else { return (limit, .timedOut) }
        let arrived = sent + oneWay
        if let death, death.span.contains(moment(arrived)) {
            return death.kind == .silent
                ? (limit, .timedOut) : (min(limit, arrived + oneWay), .connectionLost)
        }
        guard let back = send(arrived + Self.service, wait, &generator), back + oneWay < limit
        else { return (limit, .timedOut) }
        return (back + oneWay, nil)
    }

    /// When the response to a SYN arrives, which is a refusal if the process of the peer has ended.
    private func connect(_ generator: inout SeededGenerator) -> Double? {
        var (at, wait) = (0.0, Self.connectRepeat)
        while at + 2 * oneWay < limit {
            let isReceived = passes(at, &generator)
            let isSilent =
                death.map { $0.kind == .silent && $0.span.contains(moment(at + oneWay)) } ?? false
            if isReceived, !isSilent, passes(at + oneWay, &generator) { return at + 2 * oneWay }
            (at, wait) = (at + wait, wait * 2)
        }
        return nil
    }

    /// When a packet that is repeated until it arrives is sent for the last time.
    private func send(
        _ first: Double,
        _ wait: Double,
        _ generator: inout SeededGenerator
    ) -> Double? {
        var (at, wait) = (first, wait)
        while at < limit {
            if passes(at, &generator) { return at }
            (at, wait) = (at + wait, wait * 2)
        }
        return nil
    }

    /// Whether a packet that is sent at this time arrives.
    private func passes(_ at: Double, _ generator: inout SeededGenerator) -> Bool {
        if let outage, outage.span.contains(moment(at)) { return false }
        return loss == 0 || Double.random(in: 0..<1, using: &generator) >= loss
    }

    private func moment(_ seconds: Double) -> Instant {
        Instant(nanoseconds: start.nanoseconds + Int64(seconds * 1e9))
    }
}
