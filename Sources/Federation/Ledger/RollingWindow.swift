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
        /// The latency in seconds; nil if this process delayed the pull.
        package var seconds: Double?
        /// The received numbers; nil for a failed pull.
        package var sample: Sample?
    }

    /// The most entries of one peer; the oldest is dropped beyond it.
    ///
    /// The longest window is 3,600 intervals. The rest allows for a change of the interval.
    package static let limit = 3_600 + 64
    /// The first capacity of the ring.
    private static let usual = 12

    /// The storage of the ring, as far as it has been used.
    private var places: [Entry] = []
    /// The index of the oldest entry in `places`.
    private var head = 0
    package private(set) var count = 0

    /// The number of entries that fit before the ring must grow.
    var capacity: Int { places.capacity }

    package init() {}

    /// Appends `entry` after dropping the entries older than `horizon`.
    package mutating func append(_ entry: Entry, droppingBefore horizon: Instant) {
        while let oldest = first, oldest.received < horizon { dropOldest() }
        if count == Self.limit { dropOldest() }
        if count == places.count {
            straighten()
            places.append(entry)
        } else {
            places[place(of: count)] = entry
        }
        count += 1
    }

    private func place(of position: Int) -> Int {
        (head + position) % places.count
    }

    private mutating func dropOldest() {
        head = (head + 1) % places.count
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
            let place = place(of: position)
            guard places[place].received >= horizon else { continue }
            pulls += 1
            guard places[place].sample != nil else { continue }
            good += 1
            if let duration = places[place].seconds { seconds.append(duration) }
        }
        return (pulls, good, seconds)
    }

    /// Makes room after the newest entry of a full ring.
    private mutating func straighten() {
        if head != 0 {
            places = Array(self)
            head = 0
        }
        if places.count == places.capacity {
            places.reserveCapacity(Swift.min(Self.limit, Swift.max(Self.usual, count * 5 / 4)))
        }
    }
}

extension RollingWindow: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(position: Int) -> Entry {
        precondition(position >= 0 && position < count, "a position must be within the window")
        return places[place(of: position)]
    }
}
