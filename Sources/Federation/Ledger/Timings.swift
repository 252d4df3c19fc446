/// When the parts of one pull were done, in seconds from its start; 0 for a part it did not have.
///
/// `connect` and `tls` are 0 on a connection that was kept from an earlier pull.
package struct Timings: Hashable, Sendable {
    package var dns: Double
    package var connect: Double
    package var tls: Double
    package var firstByte: Double
    /// The duration of the pull: latency is this one number, unless `wasHeldUp`.
    package var total: Double
    /// How old the address that was used is, in seconds; nil for a peer that is not a name.
    package var addressAge: Double?
    /// Whether this process was late while the pull was under way, so that the times include its
    /// own delay and say nothing about the peer.
    package var wasHeldUp: Bool

    /// The latency of the peer in seconds; nil if the pull was held up.
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
