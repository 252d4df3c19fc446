import MicroHTTPServer
import Pages
import Synchronization
import Timing

/// The clients that request the summary of this node; from any thread.
///
/// A client that keeps its connection counts by its connection, so each node on one machine, or
/// behind one proxy, counts. Other clients count by their addresses.
final class Pullers: Sendable {
    private struct Requests {
        var first: Instant
        var last: Instant
        var count = 1

        init(at now: Instant) { (first, last) = (now, now) }

        mutating func note(_ now: Instant) {
            if now - last >= Pullers.memory { self = Requests(at: now) }
            (last, count) = (now, count + 1)
        }

        /// Whether there were three or more in at least `gap`, and on average one in that time.
        func areRegular(_ gap: Duration) -> Bool {
            count >= 3 && last - first >= gap && (last - first).divided(by: count - 1) <= gap
        }
    }

    private struct Table {
        var addresses: [UInt128: Requests] = [:]
        var connections: [Client: Requests] = [:]
        /// When old entries were last dropped, which reads all of them.
        var pruned = Instant.distantPast
    }

    /// The maximum number of entries of each kind; beyond it, those without a request for `memory`
    /// are dropped.
    private static let limit = 8_192
    private static let memory = Duration.seconds(3_600)

    private let table = Mutex(Table())

    /// Notes a request, unless another thread uses the table at this moment.
    func note(_ client: Client, at now: Instant) {
        table.withLockIfAvailable { table in
            let largest = max(table.addresses.count, table.connections.count)
            if largest >= Self.limit, now - table.pruned >= .seconds(60) {
                table.pruned = now
                table.addresses = table.addresses.filter { now - $0.value.last < Self.memory }
                table.connections = table.connections.filter { now - $0.value.last < Self.memory }
            }
            Self.note(client.address, in: &table.addresses, at: now)
            Self.note(client, in: &table.connections, at: now)
        }
    }

    private static func note<Key>(_ key: Key, in table: inout [Key: Requests], at now: Instant) {
        if table[key]?.note(now) == nil, table.count < limit { table[key] = Requests(at: now) }
    }

    /// Who pulled this node within the last three intervals, without `ownPulls`, the number of its
    /// own URLs that it pulls.
    func heard(at now: Instant, interval: Duration, ownPulls: Int) -> Heard {
        let span = interval + interval + interval
        return table.withLock { table in
            var counts: [UInt128: Int] = [:]
            for (address, requests) in table.addresses where now - requests.last <= span {
                counts[address] = 0
            }
            for (client, requests) in table.connections
            where requests.count > 1 && now - requests.last <= span {
                counts[client.address, default: 0] += 1
            }
            let count = max(0, counts.values.reduce(0) { $0 + max(1, $1) } - ownPulls)
            let wasRegular = table.addresses.contains { address, requests in
                counts[address] == nil && now - requests.last < Self.memory
                    && requests.areRegular(span)
            }
            // If only this node pulled itself, the latest request of another one is older.
            let last = table.connections.values
                .compactMap { count > 0 || now - $0.last > span ? $0.last : nil }
                .max()
            return Heard(
                by: count,
                secondsAgo: last.map { max(0, now.seconds(since: $0)) },
                isUnheard: count == 0 && wasRegular
            )
        }
    }
}
