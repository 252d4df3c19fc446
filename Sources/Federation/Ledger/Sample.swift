/// The stored part of one good pull; see contracts/peer_sample@1.yaml.
///
/// The peer is that of the history that contains the sample. The entry in the window has the time
/// by the monotonic clock, and `GoodPull` the time of the latest sample by the wall clock.
package struct Sample: Hashable, Sendable {
    package var nodeID: String
    /// Unix seconds by the peer's clock; only for display and for finding copies.
    package var ts: Double
    package var metrics: SummaryNumbers
}
