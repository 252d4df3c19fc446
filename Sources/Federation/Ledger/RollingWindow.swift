package import Timing

/// The observations of one peer that are no older than the window, oldest first.
///
/// A ring: what is too old leaves at the front when something is recorded, and its place is used
/// again, so a steady beat allocates nothing. Most windows are ten intervals long, which makes 11
/// entries and one to spare; a ring that needs more grows by a quarter and not by doubling.
package struct RollingWindow: Sendable {
    /// One observation, as far as the window needs it; 128 bytes at most.
    package struct Entry: Hashable, Sendable {
        /// When the pull ended.
        package var received: Instant
        /// How long it took, in seconds; nil if that says nothing about the peer.
        package var seconds: Double?
        /// What it brought; nil for a failed pull.
        package var sample: Sample?
    }

    /// The most entries of one peer; beyond it the oldest is given up.
    ///
    /// The longest window in intervals, and what a beat that is set anew may put in between.
    package static let limit = 3_600 + 64
    /// How many places a ring has at first.
    private static let usual = 12

    /// The places of the ring, those that were ever used.
    private var places: [Entry] = []
    /// The place of the oldest entry.
    private var head = 0
    package private(set) var count = 0

    /// How many entries fit before the ring has to grow.
    var capacity: Int { places.capacity }

    package init() {}

    /// Adds `entry` as the latest, after dropping what is older than `horizon`.
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

    /// How many pulls ended at `horizon` or later, how many of them were good, and how long these
    /// took, in seconds, as far as that is known.
    func pulls(since horizon: Instant) -> (count: Int, good: Int, goodSeconds: [Double]) {
        var (pulls, good) = (0, 0)
        var seconds: [Double] = []
        seconds.reserveCapacity(count)
        for position in 0..<count {
            // Not the whole entry, which would be copied.
            let place = place(of: position)
            guard places[place].received >= horizon else { continue }
            pulls += 1
            guard places[place].sample != nil else { continue }
            good += 1
            if let duration = places[place].seconds { seconds.append(duration) }
        }
        return (pulls, good, seconds)
    }

    /// Makes room behind the newest entry of a full ring.
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
        precondition(position >= 0 && position < count, "a position of a window must be in it")
        return places[place(of: position)]
    }
}
