internal import DequeModule

/// When each GET must have ended, by its serial number.
///
/// The deadline of a GET that ended before stays until it comes, so there are at most as many as
/// GETs started within the longest timeout.
struct Deadlines {
    /// In order; nearly each one that comes is the last, as most GETs have the same timeout.
    private var inOrder: Deque<(at: Int64, serial: Int)> = []

    /// The earliest, if there is one.
    var next: Int64? {
        inOrder.first?.at
    }

    /// Adds the deadline of one GET.
    mutating func insert(_ serial: Int, at time: Int64) {
        if let last = inOrder.last, last.at > time,
            let place = inOrder.firstIndex(where: { $0.at > time })
        {
            inOrder.insert((time, serial), at: place)
        } else {
            inOrder.append((time, serial))
        }
    }

    /// Takes the serial number of one whose time has come; nil when there is no more.
    mutating func takeDue(at now: Int64) -> Int? {
        guard let first = inOrder.first, first.at <= now else { return nil }
        inOrder.removeFirst()
        return first.serial
    }
}
