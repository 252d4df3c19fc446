import CurlClient
import Host
import MicroHTTPServer
import StateStore

/// Why a node does not run.
enum NodeFault: Error, CustomStringConvertible {
    case stateDirectory(StateDirectory.Fault)
    case state(StoreFault)
    case listener(ServerError)
    case system(SystemError)
    case failed(String)

    /// What the process ends with.
    var exitStatus: ExitStatus {
        switch self {
        case .stateDirectory, .state: .io
        case .listener, .system: .system
        case .failed: .bug
        }
    }

    var description: String {
        switch self {
        case .stateDirectory(let fault): fault.description
        case .state(let fault): fault.description
        case .listener(let error): "cannot listen: \(error)"
        case .system(let error): error.description
        case .failed(let what): what
        }
    }
}
