/// The stored part of one good pull; see contracts/peer_sample@1.yaml.
///
/// The history that contains the sample knows the peer, and its entry the time.
package struct Sample: Hashable, Sendable {
    package var nodeID: String
    /// Unix seconds by the peer's clock; only for display and for finding copies.
    package var ts: Double
    package var metrics: SummaryNumbers
}
