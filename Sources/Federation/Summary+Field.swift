extension Summary {
    /// A field of the contract that is read; the order is the contract's, in which faults count.
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
        /// An older spelling of `progress`, read where the word is absent; so the next two.
        case letterP
        case letterN
        case letterCc
        case gStar
        case sig
        case instance
    }

    /// What a field must be, as the phrase of a fault.
    package enum Rule: String, CaseIterable, Sendable {
        case object = "an object"
        case identifier = "a string of 1 to 128 Unicode scalars, none a control character"
        case text = "a string of at most 128 Unicode scalars"
        case anyText = "a string"
        case finite = "a number within a double"
        case positive = "a number above 0 and within a double"
        case notNegative = "a number of at least 0 and within a double"
        case unit = "a number from 0 to 1"
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

    /// The object that holds it; nil for the summary itself.
    package var parent: Summary.Field? {
        switch self {
        case .nodeID, .ts, .version, .metrics, .sig, .instance: nil
        case .peerQuality, .stabilityMargin, .hopfDistance, .spectralRadius, .gamma, .components,
            .gStar:
            .metrics
        case .progress, .novelty, .consistency, .letterP, .letterN, .letterCc: .components
        }
    }

    /// Its keys from the outermost, as in `metrics.g_components.novelty`.
    package var path: String {
        parent.map { "\($0.path).\(key)" } ?? key
    }

    package var rule: Summary.Rule {
        switch self {
        case .nodeID: .identifier
        case .version, .instance: .text
        case .sig: .anyText
        case .metrics, .components: .object
        case .ts: .positive
        case .peerQuality, .stabilityMargin: .finite
        case .hopfDistance, .spectralRadius: .notNegative
        case .gamma, .progress, .novelty, .consistency, .letterP, .letterN, .letterCc, .gStar:
            .unit
        }
    }

    /// The older spelling that stands in for it.
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
    /// The field of `parent` that has a key, given as `JSON.shortKey` gives it.
    init?(_ key: UInt128?, in parent: Summary.Field?) {
        for entry in Self.table where entry.key == key && entry.parent == parent {
            self = entry.field
            return
        }
        return nil
    }

    private static let table = allCases.map { field in
        (
            key: field.key.utf8.reduce(0) { $0 << 8 | UInt128($1) }, parent: field.parent,
            field: field
        )
    }
}

extension Summary.Rule {
    /// The kind of value it asks for.
    var kind: JSONKind {
        switch self {
        case .object: .object
        case .identifier, .text, .anyText: .string
        case .finite, .positive, .notNegative, .unit: .number
        }
    }

    /// The numbers it allows; every number is checked against these, so none is ever infinite.
    package var numbers: ClosedRange<Double> {
        let largest = Double.greatestFiniteMagnitude
        return switch self {
        case .unit: 0...1
        case .notNegative: 0...largest
        case .positive: .leastNonzeroMagnitude...largest
        default: -largest...largest
        }
    }

    /// How many scalars it allows; 128 are never more than 512 bytes.
    package var scalars: ClosedRange<Int> {
        switch self {
        case .identifier: 1...128
        case .text: 0...128
        default: 0...Int.max
        }
    }
}
