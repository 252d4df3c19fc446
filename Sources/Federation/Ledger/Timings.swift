/// When each part of a pull was complete, in seconds from its start; 0 for a skipped part.
///
/// `connect` and `tls` are 0 on a kept connection.
package struct Timings: Hashable, Sendable {
    package var dns: Double
    package var connect: Double
    package var tls: Double
    package var firstByte: Double
    /// The duration of the pull, and its latency unless `wasHeldUp`.
    package var total: Double
    /// The age of the address that was used, in seconds; nil if the host is an address.
    package var addressAge: Double?
    /// Whether this process was late during the pull, so that the times include its own delay.
    package var wasHeldUp: Bool

    /// The latency of the peer in seconds; nil if this process delayed the pull.
    package var latency: Double? { wasHeldUp ? nil : total }

    package init(
        dns: Double,
        connect: Double,
        tls: Double,
        firstByte: Double,
        total: Double,
        addressAge: Double? = nil,
        wasHeldUp: Bool = false
    ) {
        self.dns = dns
        self.connect = connect
        self.tls = tls
        self.firstByte = firstByte
        self.total = total
        self.addressAge = addressAge
        self.wasHeldUp = wasHeldUp
    }
}
