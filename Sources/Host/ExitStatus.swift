/// The exit codes of the process, from sysexits.h; 0 means stopped on request.
package enum ExitStatus: Int32, Sendable {
    /// An invalid command line.
    case usage = 64
    /// The node that a command asks does not respond.
    case unreachable = 69
    /// A bug in this program.
    case bug = 70
    /// The system refused an address, a thread or a descriptor.
    case system = 71
    /// The state directory cannot be read or written, or output cannot be written.
    case io = 74
    /// The node that a command asks refuses the request: 401 or 403.
    case refused = 77
    /// Invalid settings.
    case settings = 78
}
