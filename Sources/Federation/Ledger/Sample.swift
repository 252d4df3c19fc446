/// The stored part of one good pull; see contracts/peer_sample@1.yaml.
///
/// The history that contains the sample knows the peer.
package struct Sample: Hashable, Sendable {
    package var nodeID: String
    /// Unix seconds by the peer's clock; only for display and for finding copies.
    package var ts: Double
    /// Unix seconds by this node's clock when the pull ended.
    package var received: Double
    package var metrics: SummaryNumbers
}
