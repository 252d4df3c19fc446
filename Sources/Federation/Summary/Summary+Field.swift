extension Summary {
    /// A field of the contract, in the contract's order; the first fault in this order is reported.
    package enum Field: Int, CaseIterable, Sendable {
        case nodeID, ts, version, metrics
        case peerQuality, stabilityMargin, hopfDistance, spectralRadius, gamma, components
        case progress, novelty, consistency
        /// The older spellings of the three components, read if the word is absent.
        case letterP, letterN, letterCc
        case gStar, sig, instance
    }
}

extension Summary.Field {
    /// The key in its object.
    package var key: String { definition.key }
    /// The object that contains it; nil for the summary itself.
    package var parent: Summary.Field? { definition.parent }
    package var rule: Summary.Rule { definition.rule }

    private var definition: (key: String, parent: Summary.Field?, rule: Summary.Rule) {
        switch self {
        case .nodeID: ("node_id", nil, .identifier)
        case .ts: ("ts", nil, .positive)
        case .version: ("version", nil, .line)
        case .metrics: ("metrics", nil, .object)
        case .peerQuality: ("peer_quality", .metrics, .finite)
        case .stabilityMargin: ("stability_margin", .metrics, .finite)
        case .hopfDistance: ("hopf_distance", .metrics, .notNegative)
        case .spectralRadius: ("spectral_radius", .metrics, .notNegative)
        case .gamma: ("gamma", .metrics, .unit)
        case .components: ("g_components", .metrics, .object)
        case .progress: ("progress", .components, .unit)
        case .novelty: ("novelty", .components, .unit)
        case .consistency: ("consistency", .components, .unit)
        case .letterP: ("P", .components, .unit)
        case .letterN: ("N", .components, .unit)
        case .letterCc: ("Cc", .components, .unit)
        case .gStar: ("g_star", .metrics, .unit)
        case .sig: ("sig", nil, .anyText)
        case .instance: ("instance", nil, .text)
        }
    }

    /// Its keys from the outermost one, such as `metrics.g_components.novelty`.
    package var path: String {
        parent.map { "\($0.path).\(key)" } ?? key
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
