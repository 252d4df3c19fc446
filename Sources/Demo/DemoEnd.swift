package import CurlClient
package import Host

/// Why a part of the demo ended.
package enum DemoEnd: Sendable {
    /// The time is up, or there was an interrupt.
    case asked
    /// With this exit code, or nil after a signal or without having started.
    case nodeEnded(DemoNode, status: Int32?)
    /// The system refused what a client needs.
    case noClient(SystemError)
    /// The table cannot be shown.
    case outputFailed(StreamFault)

    /// What to say of it and to exit with; nil if all is well.
    package var fault: (message: String, status: ExitStatus)? {
        switch self {
        case .asked, .outputFailed: nil
        case .nodeEnded(let node, status: ExitStatus.system.rawValue):
            (
                "port \(node.port) is in use; choose five others with --port, or see the message "
                    + "of the node above",
                .system
            )
        case .nodeEnded(let node, status: _): ("\(node.name) ended by itself", .bug)
        case .noClient(let error): ("\(error)", .system)
        }
    }
}
