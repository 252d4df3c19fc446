package import Timing

/// The result of one pull, good or failed; a failure is data, not an error.
package struct Observation: Sendable {
    package var index: Peer.Index
    /// When the pull ended, by the monotonic clock; all decisions use this time.
    package var received: Instant
    /// The wall clock at that moment, in Unix seconds; only for display.
    package var wall: Double
    package var timings: Timings
    package var outcome: Result<Summary, Failure>
    /// The certificate of the peer, if the pull made a TLS handshake.
    package var certificate: PeerCertificate?

    package init(
        index: Peer.Index,
        received: Instant,
        wall: Double,
        timings: Timings,
        outcome: Result<Summary, Failure>
    ) {
        self.index = index
        self.received = received
        self.wall = wall
        self.timings = timings
        self.outcome = outcome
    }
}
