/// How the process ends, in the numbers of sysexits.h; 0 is stopped as asked.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    /// A command line that makes no sense.
    case usage = 64
    /// A fault of our own.
    case bug = 70
    /// The system refused an address, a thread or a descriptor.
    case system = 71
    /// The state directory cannot be read or written, or output cannot be written.
    case io = 74
    case settings = 78
}
