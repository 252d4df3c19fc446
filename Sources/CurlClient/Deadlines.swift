internal import HeapModule

/// When each GET must have ended, by its serial number.
///
/// The deadline of a GET that ended before stays until it comes, so there are at most as many as
/// GETs started within the longest timeout.
struct Deadlines {
    private struct Deadline: Comparable {
        var at: Int64
        var serial: Int

        static func < (left: Deadline, right: Deadline) -> Bool { left.at < right.at }
    }

    private var heap = Heap<Deadline>()

    /// The earliest, if there is one.
    var next: Int64? {
        heap.min?.at
    }

    /// Adds the deadline of one GET.
    mutating func insert(_ serial: Int, at time: Int64) {
        heap.insert(Deadline(at: time, serial: serial))
    }

    /// Takes the serial number of one whose time has come; nil when there is no more.
    mutating func takeDue(at now: Int64) -> Int? {
        guard let first = heap.min, first.at <= now else { return nil }
        heap.removeMin()
        return first.serial
    }
}
