package import CurlClient
package import Host

/// Why the demo ended early.
package enum DemoFault: Error {
    case cannotWrite(path: String)
    /// A node exited with 71, most likely because its port is in use.
    case portInUse(UInt16)
    /// A node exited for another reason, or could not be started.
    case nodeEnded(name: String)
    case noClient(SystemError)
    case outputFailed(StreamFault)

    package var exitStatus: ExitStatus {
        switch self {
        case .cannotWrite, .nodeEnded: .bug
        case .portInUse, .noClient: .system
        case .outputFailed: .io
        }
    }
}

extension DemoFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotWrite(let path): "\(path) cannot be written"
        case .portInUse(let port):
            "port \(port) is in use; choose five others with --port, or see the error above"
        case .nodeEnded(let name): "\(name) ended unexpectedly"
        case .noClient(let error): error.description
        case .outputFailed(let fault): fault.description
        }
    }
}
