package import Federation

/// The source of this node's own numbers.
package enum LocalSource: Hashable, Sendable {
    /// The governor in this process.
    case builtin
    /// A local Nova orchestrator, pulled at its base URL once per poll interval.
    case orchestrator(Peer)
    /// The absolute path of a file with the same payload, which a process replaces atomically.
    case file(String)

    /// One word, for pages.
    package var kind: String {
        switch self {
        case .builtin: "builtin"
        case .orchestrator: "http"
        case .file: "file"
        }
    }
}

extension LocalSource: LosslessStringConvertible {
    /// The syntax that the initializer accepts.
    static let allowed = "builtin, http://host:port, https://host:port, file:/absolute/path"

    package init?(_ text: String) {
        if text == "builtin" {
            self = .builtin
        } else if text.hasPrefix("file:/") {
            self = .file(String(text.dropFirst("file:".count)))
        } else {
            guard let peer = try? Peer(parsing: text), peer.label == peer.place else { return nil }
            self = .orchestrator(peer)
        }
    }

    package var description: String {
        switch self {
        case .builtin: "builtin"
        case .orchestrator(let peer): peer.url
        case .file(let path): "file:" + path
        }
    }
}
