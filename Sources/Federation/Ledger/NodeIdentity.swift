/// The identity that this node writes into its own summary.
package struct NodeIdentity: Sendable {
    /// The name of the node; kept across restarts.
    package var nodeID: String
    /// Identifies this run of the node; generated at each start.
    package var instance: String

    package init(nodeID: String, instance: String) {
        self.nodeID = nodeID
        self.instance = instance
    }

    /// Which node sent `summary`; strings are compared byte for byte.
    package func origin(of summary: Summary) -> Origin {
        guard summary.nodeID.hasSameBytes(as: nodeID) else { return .other }
        // This node always sends an instance, so a summary without one comes from another process.
        guard let theirs = summary.instance, theirs.hasSameBytes(as: instance)
        else { return .clone }
        return .itself
    }
}

/// The sender of a summary, relative to this node.
package enum Origin: Hashable, CaseIterable, Sendable {
    /// Another node; only such peers count.
    case other
    /// This process, reached by its own address or through a load balancer.
    case itself
    /// Another process with this node's id: a copied machine, or a false claim.
    case clone
}

/// The result of a peer's latest pull.
package enum PeerState: String, CaseIterable, Sendable {
    /// Not pulled yet.
    case unknown
    case up
    case down
    case itself = "self"
    case clone
}

/// The identity of a peer, from its answers in the window.
///
/// If several apply, the first of changing, self, clone and duplicate is shown.
package enum IdentityState: String, CaseIterable, Sendable {
    case ok
    /// The latest answer came from this process.
    case itself = "self"
    case clone
    /// Another peer has the same node id and held it first.
    case duplicate
    /// The node id changed at least three times: a load balancer in front of several nodes.
    case changing
    /// The peer never answered.
    case unknown
}
