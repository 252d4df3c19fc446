internal import DequeModule
internal import Timing

/// The deadlines of fetches, by serial number.
///
/// The deadline of a fetch that has ended stays until it passes. There are at most as many as
/// fetches that start within the longest timeout.
struct Deadlines {
    /// In order of time; insertion is usually at the end, because most timeouts are equal.
    private var inOrder: Deque<(at: Instant, serial: Int)> = []

    var next: Instant? {
        inOrder.first?.at
    }

    mutating func insert(_ serial: Int, at time: Instant) {
        if let last = inOrder.last, last.at > time,
            let place = inOrder.firstIndex(where: { $0.at > time })
        {
            inOrder.insert((time, serial), at: place)
        } else {
            inOrder.append((time, serial))
        }
    }

    /// Removes one deadline that has passed, and returns its serial number; nil if none has passed.
    mutating func takeDue(at now: Instant) -> Int? {
        guard let first = inOrder.first, first.at <= now else { return nil }
        inOrder.removeFirst()
        return first.serial
    }
}
