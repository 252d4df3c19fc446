package import Federation

/// Where this node's own metrics come from.
package enum LocalSource: Hashable, Sendable {
    /// The governor in this process.
    case builtin
    /// The base URL of a local Nova orchestrator, pulled every poll interval.
    case orchestrator(Peer)
    /// An absolute path of a file with the same payload, replaced atomically by any process.
    case file(String)

    /// What `init(parsing:)` reads.
    static let allowed = "builtin, http://host:port, https://host:port, file:/absolute/path"

    init?(parsing text: String) {
        if text == "builtin" {
            self = .builtin
        } else if text.hasPrefix("file:/") {
            self = .file(String(text.dropFirst("file:".count)))
        } else {
            guard !text.hasPrefix("file:"), let peer = try? Peer(parsing: text),
                peer.label == peer.place
            else { return nil }  // whatever its fault is, `allowed` says what would be right
            self = .orchestrator(peer)
        }
    }
}

extension LocalSource {
    /// In a word, for a page.
    package var kind: String {
        switch self {
        case .builtin: "builtin"
        case .orchestrator: "http"
        case .file: "file"
        }
    }
}

extension LocalSource: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtin: "builtin"
        case .orchestrator(let peer): peer.url
        case .file(let path): "file:" + path
        }
    }
}
