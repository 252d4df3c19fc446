internal import Federation

/// The address and port of the listener.
package struct BindAddress: Hashable, Sendable {
    /// An IP address or a name such as localhost; lower case, without brackets.
    package var host: String
    /// 0 = any free port.
    package var port: UInt16

    package init(host: String, port: UInt16) { (self.host, self.port) = (host, port) }
}

extension BindAddress: LosslessStringConvertible {
    /// The syntax that the initializer accepts.
    static let allowed = "host:port or [IPv6 address]:port; port 0 = any free port"

    package init?(_ text: String) {
        guard let authority = try? Authority(parsing: text[...]), let port = authority.port
        else { return nil }
        self.init(host: authority.host, port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
