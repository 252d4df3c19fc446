package import JSON

/// Why a body is not a summary: the first fault in the contract's order, by field and rule.
///
/// It never carries text of the body, so its description is short whatever a peer sends.
package enum SummaryFault: Error, Hashable, Sendable {
    case notJSON(JSONFault)
    /// JSON, but another kind of value than an object.
    case notAnObject(JSONKind)
    case missingField(Summary.Field)
    case wrongType(Summary.Field, found: JSONKind)
    /// Of the right type and outside the rule; the value if it is a number.
    case outOfRange(Summary.Field, value: Double? = nil)

    /// The label a metric may carry.
    package var reason: FailureReason {
        switch self {
        case .notJSON: .notJSON
        case .notAnObject: .notAnObject
        case .missingField: .missingField
        case .wrongType: .wrongType
        case .outOfRange: .outOfRange
        }
    }
}

extension SummaryFault: CustomStringConvertible {
    /// One sentence for the log, at most 200 bytes of ASCII.
    package var description: String {
        switch self {
        case .notJSON(let fault):
            "the body must be JSON and has \(fault.rule.rawValue) at byte \(fault.offset)"
        case .notAnObject(let found):
            "the body must be an object, not \(found.rawValue)"
        case .missingField(let field):
            "\(field.path) is missing; it must be \(field.rule.rawValue)"
        case .wrongType(let field, let found):
            "\(field.path) must be \(field.rule.rawValue), not \(found.rawValue)"
        case .outOfRange(let field, .some(let value)):
            "\(field.path) must be \(field.rule.rawValue), not \(value)"
        case .outOfRange(let field, nil):
            "\(field.path) must be \(field.rule.rawValue)"
        }
    }
}
