internal import JSON

extension Summary {
    /// What a field must be; the raw value is the phrase in error messages.
    package enum Rule: String, CaseIterable, Sendable {
        case object = "an object"
        case identifier = "a string of 1 to 128 Unicode scalars without control characters"
        case line = "a string of at most 128 Unicode scalars without control characters"
        case text = "a string of at most 128 Unicode scalars"
        case anyText = "a string"
        case finite = "a finite number"
        case positive = "a finite number above 0"
        case notNegative = "a finite number of at least 0"
        case unit = "a number from 0 to 1"
    }
}

extension Summary.Rule {
    /// The required kind of value.
    var kind: JSONKind {
        switch self {
        case .object: .object
        case .identifier, .line, .text, .anyText: .string
        case .finite, .positive, .notNegative, .unit: .number
        }
    }

    /// The allowed numbers; every number is checked, so none is infinite.
    package var numbers: ClosedRange<Double> {
        let largest = Double.greatestFiniteMagnitude
        return switch self {
        case .unit: 0...1
        case .notNegative: 0...largest
        case .positive: .leastNonzeroMagnitude...largest
        default: -largest...largest
        }
    }

    /// Whether C0, DEL and C1 are allowed; they would end a line or move a cursor in a terminal.
    package var allowsControls: Bool { self != .identifier && self != .line }

    /// The allowed number of scalars; 128 scalars are at most 512 bytes.
    package var scalars: ClosedRange<Int> {
        switch self {
        case .identifier: 1...128
        case .line, .text: 0...128
        default: 0...Int.max
        }
    }
}
