import Federation
import Foundation
import StateStore
internal import Timing

/// Measures the CPU of a save of the state, without the service around it.
///
/// Fills the windows of peers that are pulled every 10 s, and saves them every 30 s of their clock,
/// as `StateKeeper` does. Prints the minimum, median and maximum of the CPU per save in
/// milliseconds, and bytes per peer in the file. Peers whose numbers change with each pull take
/// most, those whose numbers never change least.
///
/// Arguments: the number of peers (10,000) and of measured saves (12). The file is in TMPDIR, which
/// should be on a disk.
@main
enum Saving {
    static let interval = 10.0
    static let pause = 30.0
    static let epoch = 1_800_000_000.0

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let peers = arguments.first ?? 10_000
        let saves = arguments.dropFirst().first ?? 12
        for isChanging in [true, false] {
            let directory = FileManager.default.temporaryDirectory
                .appending(path: "nova-saving-\(getpid())").path
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
            defer { try? FileManager.default.removeItem(atPath: directory) }
            var run = Run(peers: peers, isChanging: isChanging)
            let store = try StateStore(directory: directory)
            _ = try store.open()
            // The first saves fill the windows and create the rows.
            for _ in 0..<6 { _ = try run.save(to: store) }
            var costs: [Cost] = []
            for _ in 0..<saves { costs.append(try run.save(to: store)) }
            let log = try size(of: store.path + "-wal")
            store.close()
            let bytes = try size(of: store.path) / peers
            print(
                "\(peers) peers, numbers that \(isChanging ? "change" : "never change"):",
                "user",
                spread(costs.map(\.user)),
                "system",
                spread(costs.map(\.system)),
                "sum",
                spread(costs.map { $0.user + $0.system }),
                "bytes per peer \(bytes), log \(log / 1_024) KiB"
            )
        }
    }

    private static func size(of path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    private static func spread(_ values: [Double]) -> String {
        let sorted = values.sorted()
        let shown = [sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1]]
        return shown.map { String(format: "%.1f", $0) }.joined(separator: "/")
    }
}

/// The CPU of one save, in milliseconds.
struct Cost {
    var user: Double
    var system: Double

    /// What this process has used so far.
    static var total: Cost {
        var usage = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Cost(user: milliseconds(usage.ru_utime), system: milliseconds(usage.ru_stime))
    }

    private static func milliseconds(_ time: timeval) -> Double {
        Double(time.tv_sec) * 1e3 + Double(time.tv_usec) / 1e3
    }
}

/// Peers that are pulled, and the saves between.
struct Run {
    private var ledger: Ledger
    private let isChanging: Bool
    private var now = 0.0
    /// When the last save began, less the delay of recording.
    private var saved: Instant?

    init(peers: Int, isChanging: Bool) {
        self.isChanging = isChanging
        ledger = Ledger(
            identity: NodeIdentity(nodeID: "here", instance: "0000000a"),
            window: .seconds(Saving.interval * 10),
            interval: .seconds(Saving.interval)
        )
        for index in 0..<peers {
            let host = "10.\(index >> 16).\(index >> 8 & 255).\(index & 255)"
            _ = ledger.insert(
                Peer(
                    label: "\(host):8100",
                    scheme: .http,
                    host: host,
                    port: 8_100,
                    pathPrefix: ""
                )
            )
        }
    }

    /// Pulls each peer once per interval until the next save, and saves.
    mutating func save(to store: StateStore) throws -> Cost {
        let peers = ledger.peers.count
        for pull in 0..<Int(Saving.pause / Saving.interval) {
            for index in 0..<peers {
                let offset = Double(pull) + Double(index) / Double(peers)
                record(index, at: now + offset * Saving.interval)
            }
        }
        now += Saving.pause
        let moment = Instant(nanoseconds: Int64(now * 1e9))
        let time = SavedTime(now: ledger.running[moment], wall: Saving.epoch + now)
        let before = Cost.total
        var batch = StateStore.Batch()
        batch.values["saved_at"] = [1, 2, 3, 4, 5, 6, 7, 8]
        try store.save(batch) { put throws(StoreFault) in
            var first = 0
            while let rows = ledger.savedRows(
                from: first,
                count: 64,
                pulledSince: saved,
                by: time
            ) {
                for (url, row) in rows { try put(url, row) }
                first += 64
            }
        }
        saved = moment - .seconds(1)
        let after = Cost.total
        return Cost(user: after.user - before.user, system: after.system - before.system)
    }

    private mutating func record(_ index: Int, at seconds: Double) {
        let wall = Saving.epoch + seconds
        // From 0 to 1, different for each pull or constant.
        let part = isChanging ? (seconds * 0.618).truncatingRemainder(dividingBy: 1) : 0.25
        let summary = Summary(
            nodeID: "nova-\(index)",
            ts: wall - 0.5,
            version: "1",
            metrics: SummaryNumbers(
                peerQuality: 0.7 + part / 10,
                stabilityMargin: 0.08 + part,
                hopfDistance: 0.175 + part,
                spectralRadius: 0.245 + part,
                gamma: part,
                components: Components(
                    progress: part * 0.9,
                    novelty: part * 0.8,
                    consistency: part * 0.7
                ),
                gStar: part * 0.6
            ),
            instance: "0000000b"
        )
        let pull = Observation(
            index: index,
            received: Instant(nanoseconds: Int64(seconds * 1e9)),
            wall: wall,
            timings: Timings(
                dns: 0,
                connect: 0,
                tls: 0,
                firstByte: 0.001 + part / 100,
                total: 0.002 + part / 100
            ),
            outcome: .success(summary)
        )
        _ = ledger.record(pull)
    }
}
