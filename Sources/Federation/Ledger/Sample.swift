/// What is kept of one good pull; contracts/peer_sample@1.yaml.
///
/// The peer is not repeated in it: a sample stands in the history of its peer.
package struct Sample: Hashable, Sendable {
    package var nodeID: String
    /// Unix seconds by the node's own clock: reported, and never decided by.
    package var ts: Double
    /// Unix seconds by our clock when the pull ended.
    package var received: Double
    package var metrics: SummaryNumbers
}
