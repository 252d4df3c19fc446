internal import Glibc

/// A few descriptors that are open for nothing, to be given up when there are no others.
///
/// What the rest of the process opens for a moment must not fail while clients hold all
/// descriptors: libdispatch opens a file of /proc once a second while it is busy, and traps if it
/// cannot. So accepting stops while the reserve is given up, and goes on when it is whole again.
struct DescriptorReserve: ~Copyable {
    private static let count = 4

    private var held: [CInt] = []

    /// Whether the reserve is whole; takes what is missing of it, or gives all of it up.
    mutating func isWhole() -> Bool {
        while held.count < Self.count {
            let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                giveUp()
                return false
            }
            held.append(descriptor)
        }
        return true
    }

    /// Whether there is a descriptor besides those of the reserve.
    func hasSpare() -> Bool {
        guard let first = held.first else { return false }
        let spare = fcntl(first, F_DUPFD_CLOEXEC, 0)
        guard spare >= 0 else { return false }
        close(spare)
        return true
    }

    mutating func giveUp() {
        for descriptor in held { close(descriptor) }
        held = []
    }

    deinit { for descriptor in held { close(descriptor) } }
}

/// How many files the process may have open now (getrlimit(2)): an operator may change it while the
/// process runs.
struct DescriptorLimit {
    /// One more than the largest descriptor there can be.
    let count: Int

    /// Asks the system.
    init() {
        var limit = rlimit()
        let status = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        count = status == 0 ? Int(min(limit.rlim_cur, rlim_t(1 << 30))) : 1_024
    }

    /// What clients leave to the rest of the process: an eighth, 4 to 64.
    private var margin: Int { min(max(count / 8, 4), 64) }

    /// By how many descriptors a new one is in the margin.
    ///
    /// The system gives out the lowest that is free, so at least as many are in use.
    func excess(of descriptor: CInt) -> Int { max(0, Int(descriptor) - (count - margin) + 1) }

    /// Whether a new one is so far in the margin that accepting must stop.
    func isUsedUp(by descriptor: CInt) -> Bool { excess(of: descriptor) > margin / 2 }
}
