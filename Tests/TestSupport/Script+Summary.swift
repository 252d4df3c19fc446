import Foundation

extension Script {
    /// A good peer: answers each request with a valid summary whose `ts` is the current time.
    package static func summary(
        nodeID: String,
        instance: String? = nil,
        gStar: Double = 0.3,
        version: String = "16.2"
    ) -> Script {
        answering { _ in
            response(
                body: summaryJSON(
                    nodeID: nodeID,
                    instance: instance,
                    gStar: gStar,
                    version: version,
                    ts: Date().timeIntervalSince1970
                )
            )
        }
    }
}

/// A valid summary; node id, version and instance are not escaped.
package func summaryJSON(
    nodeID: String,
    instance: String? = nil,
    gStar: Double = 0.3,
    version: String = "16.2",
    ts: Double = 1_795_333_008.002
) -> String {
    let instanceJSON = instance.map { "\"\($0)\"" } ?? "null"
    return """
        {"node_id":"\(nodeID)","ts":\(ts),"version":"\(version)","metrics":{"peer_quality":0.7,\
        "stability_margin":0.08,"hopf_distance":0.175,"spectral_radius":0.245,"gamma":0.7,\
        "g_components":{"progress":0,"novelty":0,"consistency":1},"g_star":\(gStar)},"sig":null,\
        "instance":\(instanceJSON)}
        """
}
