package import Timing

/// The observations of one peer within the window, oldest first.
///
/// This is a ring buffer. Recording drops old entries and reuses their storage, so a steady
/// interval allocates nothing. Most windows are ten intervals long and need 11 entries, so the
/// first capacity is 12. After that the ring grows by a quarter instead of doubling, because there
/// is one ring per peer.
package struct RollingWindow: Sendable {
    /// The part of an observation that the window needs; at most 128 bytes.
    package struct Entry: Hashable, Sendable {
        /// When the pull ended.
        package var received: Instant
        /// Nil for a failed pull; the other parts of the sample are then 0.
        let nodeID: String?
        let ts: Double
        let numbers: SummaryNumbers
        /// -1 instead of nil, because an optional would need 8 bytes more.
        private var latency: Double
        /// All 0 for a pull of an earlier run of this node.
        package var phases: PullPhases
        /// Why the pull failed, and when; nil for a good one, and for one of an earlier run.
        package var reason: FailureReason?
        package var stage: PullStage?

        package var isGood: Bool { nodeID != nil }

        /// The received numbers; nil for a failed pull.
        package var sample: Sample? {
            nodeID.map { Sample(nodeID: $0, ts: ts, metrics: numbers) }
        }

        /// The latency in seconds; nil if this process delayed the pull.
        package var seconds: Double? { latency < 0 ? nil : latency }

        /// A pull of an earlier run.
        init(received: Instant, seconds: Double?, sample: Sample?) {
            (self.received, latency) = (received, seconds ?? -1)
            (nodeID, ts) = (sample?.nodeID, sample?.ts ?? 0)
            numbers = sample?.metrics ?? .none
            phases = PullPhases()
        }

        /// A pull; `sample` is nil for a failed one.
        init(of pull: Observation, sample: Sample?) {
            self.init(received: pull.received, seconds: pull.timings.latency, sample: sample)
            phases = PullPhases(pull.timings)
            if case .failure(let failure) = pull.outcome {
                (reason, stage) = (failure.reason, failure.stage)
            }
        }
    }

    /// The most entries of one peer; the oldest is dropped beyond it.
    ///
    /// The longest window is 3,600 intervals. The rest allows for a change of the interval.
    package static let limit = 3_600 + 64
    /// The first capacity of the ring.
    private static let initialCapacity = 12

    /// The storage of the ring, as far as it has been used.
    private var storage: [Entry] = []
    /// The index of the oldest entry in `storage`.
    private var head = 0
    package private(set) var count = 0

    package init() {}

    /// The number of entries that fit before the ring must grow.
    var capacity: Int { storage.capacity }

    /// Appends `entry` after dropping the entries older than `horizon`.
    package mutating func append(_ entry: Entry, droppingBefore horizon: Instant) {
        while let oldest = first, oldest.received < horizon { dropOldest() }
        if count == Self.limit { dropOldest() }
        if count == storage.count {
            makeRoom()
            storage.append(entry)
        } else {
            storage[storageIndex(of: count)] = entry
        }
        count += 1
    }

    private func storageIndex(of position: Int) -> Int {
        let index = head + position
        // A remainder takes as long as writing an entry.
        return index < storage.count ? index : index - storage.count
    }

    private mutating func dropOldest() {
        head = (head + 1) % storage.count
        count -= 1
    }

    /// The number of pulls since `horizon`, the number of good ones, and the known latencies of
    /// good ones in seconds.
    func pulls(since horizon: Instant) -> (count: Int, good: Int, goodSeconds: [Double]) {
        var (pulls, good) = (0, 0)
        var seconds: [Double] = []
        seconds.reserveCapacity(count)
        for position in 0..<count {
            // Reads single fields, because reading a whole entry would copy it.
            let index = storageIndex(of: position)
            guard storage[index].received >= horizon else { continue }
            pulls += 1
            guard storage[index].isGood else { continue }
            good += 1
            if let duration = storage[index].seconds { seconds.append(duration) }
        }
        return (pulls, good, seconds)
    }

    /// Calls `body` with the storage and the index of each entry in it, oldest first.
    ///
    /// Reading single fields there does not copy the entry.
    func visit(_ body: (Span<Entry>, Int) -> Void) {
        for position in 0..<count { body(storage.span, storageIndex(of: position)) }
    }

    /// The number of failed pulls after `moment` and after the latest good one, at most `limit`.
    func failures(after moment: Instant, upTo limit: Int) -> Int {
        var failures = 0
        while failures < Swift.min(limit, count) {
            let index = storageIndex(of: count - 1 - failures)
            guard storage[index].sample == nil, storage[index].received > moment else { break }
            failures += 1
        }
        return failures
    }

    /// Makes room after the newest entry of a full ring.
    private mutating func makeRoom() {
        if head != 0 {
            storage = Array(self)
            head = 0
        }
        if storage.count == storage.capacity {
            let grown = Swift.max(Self.initialCapacity, count * 5 / 4)
            storage.reserveCapacity(Swift.min(Self.limit, grown))
        }
    }
}

extension RollingWindow: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(position: Int) -> Entry {
        precondition(position >= 0 && position < count, "a position must be within the window")
        return storage[storageIndex(of: position)]
    }
}
