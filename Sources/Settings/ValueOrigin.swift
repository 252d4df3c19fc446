/// Where a value came from.
enum ValueOrigin: Hashable, Sendable {
    /// Nobody set it.
    case standard
    /// Nobody set it, and it follows from other settings.
    case derived
    case environment
    /// A limit of the process, which the system sets.
    case system
    /// A line, from 1, of the settings file or of the peers file.
    case file(String, line: Int)
}

extension ValueOrigin: CustomStringConvertible {
    var description: String {
        switch self {
        case .standard: "default"
        case .derived: "derived"
        case .environment: "environment"
        case .system: "system"
        case .file(let path, let line): line > 0 ? "\(path):\(line)" : path
        }
    }
}
