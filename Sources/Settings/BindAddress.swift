internal import Federation

/// Where the listener listens.
package struct BindAddress: Hashable, Sendable {
    /// An address, or a name such as localhost; lower case, without brackets.
    package var host: String
    /// 0 for any that is free.
    package var port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }

    static let standard = BindAddress(host: "0.0.0.0", port: 8_100)

    /// What `init(parsing:)` reads.
    static let allowed = "host:port or [IPv6 address]:port; port 0 = any free port"
}

extension BindAddress {
    init?(parsing text: String) {
        // Which fault it is does not matter here: `allowed` says what would be right.
        guard let authority = try? Authority(parsing: text[...]), let port = authority.port
        else { return nil }
        self.init(host: authority.host, port: port)
    }
}

extension BindAddress: CustomStringConvertible {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
