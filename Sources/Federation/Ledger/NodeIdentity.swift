/// Who this node is: what it writes into its own summary.
package struct NodeIdentity: Sendable {
    /// The name of the node; stays over restarts.
    package var nodeID: String
    /// The name of this run of it; made at each start.
    package var instance: String

    package init(nodeID: String, instance: String) {
        self.nodeID = nodeID
        self.instance = instance
    }

    /// Who sent `summary`, compared byte for byte.
    package func origin(of summary: Summary) -> Origin {
        guard summary.nodeID.hasSameBytes(as: nodeID) else { return .other }
        // This node always sends an instance, so a summary without one is not its own.
        guard let theirs = summary.instance, theirs.hasSameBytes(as: instance)
        else { return .clone }
        return .itself
    }
}

/// Who answered a pull, seen from this node.
package enum Origin: Hashable, Sendable {
    /// Another node: the only one that counts.
    case other
    /// This very process, by its own address or through a balancer.
    case itself
    /// Another process with our node id: a copied machine, or one that claims to be us.
    case clone
}

/// What a peer's latest pull says of it.
package enum PeerState: String, CaseIterable, Sendable {
    /// Not pulled yet.
    case unknown
    case up
    case down
    case itself = "self"
    case clone
}

/// What a peer's answers within the window say of who it is; of several, the first that holds in
/// the order changing, self, clone, duplicate.
package enum IdentityState: String, CaseIterable, Sendable {
    case ok
    /// The latest answer was our own.
    case itself = "self"
    case clone
    /// Another peer gave the same node id and held it first.
    case duplicate
    /// The node id changed three times or more: a balancer with several nodes behind it.
    case changing
    /// Never answered.
    case unknown
}
