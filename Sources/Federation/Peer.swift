/// A configured peer: where it is and what we call it.
package struct Peer: Hashable, Sendable {
    /// A stable small number for a peer while it is configured: an index, reused after a removal.
    package typealias Slot = Int

    /// The label of its metrics: the configured name, or `host:port/prefix` with the port explicit.
    package var label: String
    /// Its base URL, normalised: lower-case scheme and host, explicit port, no trailing slash.
    package var url: String

    package init(label: String, url: String) {
        self.label = label
        self.url = url
    }
}
