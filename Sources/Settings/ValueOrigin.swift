/// The origin of a value.
enum ValueOrigin: Hashable, Sendable {
    /// The value is unset, and its default is a constant.
    case standard
    /// The value is unset, and its default follows from other settings.
    case derived
    case environment
    /// A limit that the system sets for the process.
    case system
    /// A line, from 1, of a settings file or a peers file; 0 = the whole file.
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
