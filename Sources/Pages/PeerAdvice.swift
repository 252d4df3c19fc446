/// What an operator can try if pulls of a peer fail, by the reason of the failure.
package enum PeerAdvice {
    /// The sentence for a reason; nil for one that this version does not have.
    package static func text(for reason: String, url: String) -> String? {
        switch reason {
        case "dns_failed":
            "Run getent ahosts with the name on this machine, and check its name servers."
        case "connect_refused":
            "Nothing listens at \(url). Check that the service is running and the port is right."
        case "connect_failed":
            "There is no route, or a firewall rejects it. Try curl -v \(url)/health"
        case "tls_failed":
            "Check the certificate, its names and NOVA_FED_CA_FILE; if the peer requires a client "
                + "certificate, NOVA_FED_TLS_CERT_FILE. Try curl -v \(url)/health"
        case "timed_out":
            "The peer or the network is slow, or a firewall drops packets: curl -v \(url)/health"
        case "connection_lost":
            "The peer or a proxy in front of it closed the connection. Check their logs."
        case "bad_http", "not_json", "not_an_object", "bad_encoding", "too_large":
            "Another program may listen there. Try curl -v \(url)/federation/sync/summary"
        case "http_status", "redirected":
            "Check that the peer has FEDERATION_ENABLED=1 and that the path prefix is right: "
                + "\(url). With 401 or 403, check NOVA_FED_PEER_TOKEN_FILE and "
                + "NOVA_FED_TLS_CERT_FILE."
        case "missing_field", "wrong_type", "out_of_range":
            "The peer's summary violates the contract. Compare the versions of both nodes."
        case "internal": "The fault is in this node, not in the peer. Check this node's log."
        default: nil
        }
    }

    /// The sentence for a peer that answers with stale numbers.
    package static func textForStale(url: String) -> String {
        "The source of its numbers stands still, or a proxy answers in its place. Look at source "
            + "in \(url)/federation/health"
    }

    /// The section of the runbook for stale numbers.
    package static let staleSection = "NovaFederationPeerStale"

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
