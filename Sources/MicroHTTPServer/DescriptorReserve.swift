internal import Glibc

/// A few open descriptors, closed when the process has no others left.
///
/// Other parts of the process must be able to open a file while clients hold all descriptors:
/// libdispatch opens a file of /proc once a second while it is busy, and traps if it cannot. So
/// accepting pauses while the reserve is given up, and resumes when it is whole again.
struct DescriptorReserve: ~Copyable {
    private static let count = 4

    private var held: [CInt] = []

    /// Fills the reserve, or gives it up; whether it is whole.
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

    /// Whether one more descriptor is free.
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

/// The limit on open files (getrlimit(2)), which an operator may change while the process runs.
struct DescriptorLimit {
    /// One more than the largest descriptor.
    let count: Int

    init() {
        var limit = rlimit()
        let status = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        count = status == 0 ? Int(min(limit.rlim_cur, rlim_t(1 << 30))) : 1_024
    }

    /// The descriptors that clients leave to the rest of the process: an eighth, 4 to 64.
    private var margin: Int { min(max(count / 8, 4), 64) }

    /// How far a new descriptor reaches into the margin.
    ///
    /// The system returns the lowest free number, so all lower ones are in use.
    func excess(of descriptor: CInt) -> Int { max(0, Int(descriptor) - (count - margin) + 1) }

    /// Whether a new descriptor reaches so far into the margin that accepting must pause.
    func isUsedUp(by descriptor: CInt) -> Bool { excess(of: descriptor) > margin / 2 }
}
