internal import Federation

/// The address and port of the listener.
package struct BindAddress: Hashable, Sendable {
    /// An IP address or a name such as localhost; lower case, without brackets.
    package var host: String
    /// 0 = any free port.
    package var port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }

    static let standard = BindAddress(host: "0.0.0.0", port: 8_100)

    /// The syntax that `init(parsing:)` accepts.
    static let allowed = "host:port or [IPv6 address]:port; port 0 = any free port"
}

extension BindAddress {
    init?(parsing text: String) {
        // The cause does not matter, because the fault shows `allowed`.
        guard let authority = try? Authority(parsing: text[...]), let port = authority.port
        else { return nil }
        self.init(host: authority.host, port: port)
    }
}

extension BindAddress: CustomStringConvertible {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
