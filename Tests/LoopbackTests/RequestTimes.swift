import Synchronization
import TestSupport

/// When peers were pulled, in seconds of one clock, by the number of the peer.
final class RequestTimes: Sendable {
    private let start = ContinuousClock.now
    private let times = Mutex<[Int: [Double]]>([:])

    /// A good peer whose requests are recorded.
    func script(_ number: Int) -> Script {
        .answering { [self] _ in
            let now = (ContinuousClock.now - start) / .seconds(1)
            times.withLock { $0[number, default: []].append(now) }
            return response(body: summaryJSON(nodeID: "nova-\(number)"))
        }
    }

    subscript(peer: Int) -> [Double] { times.withLock { $0[peer] ?? [] } }
}
