extension Summary {
    /// What stands on the wire for an infinite Hopf distance, which JSON cannot say.
    package static let infiniteHopfDistance = 1e9

    /// The body that says this, compact, its keys in the contract's order.
    ///
    /// Every number but the Hopf distance must be finite. Numbers have the fewest digits that read
    /// back as the same double.
    package func encoded() -> [UInt8] {
        let hopf = metrics.hopfDistance
        let parts = metrics.components
        let text = """
            {"node_id":\(JSON.quoted(nodeID)),"ts":\(JSON.number(ts)),\
            "version":\(JSON.quoted(version)),"metrics":{\
            "peer_quality":\(JSON.number(metrics.peerQuality)),\
            "stability_margin":\(JSON.number(metrics.stabilityMargin)),\
            "hopf_distance":\(JSON.number(hopf == .infinity ? Self.infiniteHopfDistance : hopf)),\
            "spectral_radius":\(JSON.number(metrics.spectralRadius)),\
            "gamma":\(JSON.number(metrics.gamma)),"g_components":{\
            "progress":\(JSON.number(parts.progress)),\
            "novelty":\(JSON.number(parts.novelty)),\
            "consistency":\(JSON.number(parts.consistency))},\
            "g_star":\(JSON.number(metrics.gStar))},\
            "sig":null,"instance":\(instance.map(JSON.quoted) ?? "null")}
            """
        return Array(text.utf8)
    }
}

extension JSON {
    /// `text` as a JSON string, quotes included; only what must be escaped is.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case ..<" ":
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// A finite number as JSON has it.
    static func number(_ value: Double) -> String {
        precondition(value.isFinite, "a summary must be made of finite numbers")
        return value.description
    }
}
