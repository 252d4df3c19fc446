/// What an operator can try if pulls of a peer fail, by the reason of the failure.
package enum PeerAdvice {
    /// The sentence for a reason; nil for one that this version does not have.
    package static func text(for reason: String, url: String) -> String? {
        switch reason {
        case "dns_failed": "Look the name up on this machine: getent ahosts, and the name servers."
        case "connect_refused":
            "Nothing listens there: is the service running, and is this its port? \(url)"
        case "connect_failed": "There is no route, or a firewall refuses: try curl -v \(url)/health"
        case "tls_failed":
            "Check the certificate, its names and NOVA_FED_CA_FILE: try curl -v \(url)/health"
        case "timed_out":
            "The peer or the network is slow, or a firewall drops it: try curl -v \(url)/health"
        case "connection_lost":
            "The peer, or a proxy before it, closed the connection: look into its log."
        case "bad_http", "not_json", "not_an_object", "bad_encoding", "too_large":
            "Another program may listen there: try curl -v \(url)/federation/sync/summary"
        case "http_status", "redirected":
            "Is FEDERATION_ENABLED set there, and the path prefix right? \(url)"
        case "missing_field", "wrong_type", "out_of_range":
            "The peer sends a summary that breaks the contract: compare the versions."
        case "internal": "This node failed, not the peer: look into its own log."
        default: nil
        }
    }

    /// The section of the runbook for a reason.
    package static func section(for reason: String) -> String {
        switch reason {
        case "not_json", "not_an_object", "missing_field", "wrong_type", "out_of_range":
            "NovaFederationPeerFormat"
        case "internal": "NovaFederationInternalErrors"
        default: "NovaFederationPeerDown"
        }
    }
}
