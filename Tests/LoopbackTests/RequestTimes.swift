import Synchronization
import TestSupport

/// When peers were pulled, in seconds of one clock, by the number of the peer.
final class RequestTimes: Sendable {
    private let start = ContinuousClock.now
    private let times = Mutex<[Int: [Double]]>([:])

    /// A peer whose requests are recorded, good unless `failing` says otherwise of a request; 1 is
    /// the first.
    func script(
        _ number: Int,
        failing: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) -> Script {
        .answering { [self] _ in
            let now = (ContinuousClock.now - start) / .seconds(1)
            let count = times.withLock { times in
                times[number, default: []].append(now)
                return times[number]?.count ?? 0
            }
            return failing(count)
                ? response(503, body: "") : response(body: summaryJSON(nodeID: "nova-\(number)"))
        }
    }

    subscript(peer: Int) -> [Double] { times.withLock { $0[peer] ?? [] } }
}
