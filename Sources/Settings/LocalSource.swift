package import Federation

/// The source of this node's own numbers.
package enum LocalSource: Hashable, Sendable {
    /// The governor in this process.
    case builtin
    /// A local Nova orchestrator, pulled at its base URL once per poll interval.
    case orchestrator(Peer)
    /// The absolute path of a file with the same payload, which a process replaces atomically.
    case file(String)

    /// The syntax that `init(parsing:)` accepts.
    static let allowed = "builtin, http://host:port, https://host:port, file:/absolute/path"

    init?(parsing text: String) {
        if text == "builtin" {
            self = .builtin
        } else if text.hasPrefix("file:/") {
            self = .file(String(text.dropFirst("file:".count)))
        } else {
            guard !text.hasPrefix("file:"), let peer = try? Peer(parsing: text),
                peer.label == peer.place
            else { return nil }  // the cause does not matter, because the fault shows `allowed`
            self = .orchestrator(peer)
        }
    }
}

extension LocalSource {
    /// One word, for pages.
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
