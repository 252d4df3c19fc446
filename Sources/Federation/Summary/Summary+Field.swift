extension Summary {
    /// A field of the contract, in the contract's order; the first fault in this order is reported.
    package enum Field: Int, CaseIterable, Sendable {
        case nodeID
        case ts
        case version
        case metrics
        case peerQuality
        case stabilityMargin
        case hopfDistance
        case spectralRadius
        case gamma
        case components
        case progress
        case novelty
        case consistency
        /// The older spelling of `progress`, read if the word is absent; the next two likewise.
        case letterP
        case letterN
        case letterCc
        case gStar
        case sig
        case instance
    }
}

extension Summary.Field {
    /// The key in its object.
    package var key: String {
        switch self {
        case .nodeID: "node_id"
        case .ts: "ts"
        case .version: "version"
        case .metrics: "metrics"
        case .peerQuality: "peer_quality"
        case .stabilityMargin: "stability_margin"
        case .hopfDistance: "hopf_distance"
        case .spectralRadius: "spectral_radius"
        case .gamma: "gamma"
        case .components: "g_components"
        case .progress: "progress"
        case .novelty: "novelty"
        case .consistency: "consistency"
        case .letterP: "P"
        case .letterN: "N"
        case .letterCc: "Cc"
        case .gStar: "g_star"
        case .sig: "sig"
        case .instance: "instance"
        }
    }

    /// The object that contains it; nil for the summary itself.
    package var parent: Summary.Field? {
        switch self {
        case .nodeID, .ts, .version, .metrics, .sig, .instance: nil
        case .peerQuality, .stabilityMargin, .hopfDistance, .spectralRadius, .gamma, .components,
            .gStar:
            .metrics
        case .progress, .novelty, .consistency, .letterP, .letterN, .letterCc: .components
        }
    }

    /// Its keys from the outermost one, such as `metrics.g_components.novelty`.
    package var path: String {
        parent.map { "\($0.path).\(key)" } ?? key
    }

    package var rule: Summary.Rule {
        switch self {
        case .nodeID: .identifier
        case .version: .line
        case .instance: .text
        case .sig: .anyText
        case .metrics, .components: .object
        case .ts: .positive
        case .peerQuality, .stabilityMargin: .finite
        case .hopfDistance, .spectralRadius: .notNegative
        case .gamma, .progress, .novelty, .consistency, .letterP, .letterN, .letterCc, .gStar:
            .unit
        }
    }

    /// The older spelling of this field, if there is one.
    var letter: Summary.Field? {
        switch self {
        case .progress: .letterP
        case .novelty: .letterN
        case .consistency: .letterCc
        default: nil
        }
    }
}

extension Summary.Field {
    /// The field of `parent` with a key in the form of `JSON.shortKey`.
    ///
    /// The search starts after `last`, because most senders use the contract's order.
    @inline(__always)
    init?(_ key: UInt128?, in parent: Summary.Field?, after last: Summary.Field?) {
        guard let key else { return nil }
        let table = Self.table
        let first = last.map { ($0.rawValue + 1) % table.count } ?? 0
        var place = first
        repeat {
            if table[place].key == key, table[place].parent == parent {
                self = table[place].field
                return
            }
            place = place + 1 < table.count ? place + 1 : 0
        } while place != first
        return nil
    }

    private static let table = allCases.map { field in
        (
            key: field.key.utf8.reversed().reduce(0) { $0 << 8 | UInt128($1) },
            parent: field.parent,
            field: field
        )
    }
}
