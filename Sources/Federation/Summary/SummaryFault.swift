package import JSON

/// Why a body is not a summary: the first fault in the contract's order, with field and rule.
///
/// It contains no text of the body, so its description is short whatever a peer sends.
package enum SummaryFault: Error, Hashable, CustomStringConvertible, Sendable {
    case notJSON(JSONFault)
    /// JSON, but not an object.
    case notAnObject(JSONKind)
    case missingField(Summary.Field)
    case wrongType(Summary.Field, found: JSONKind)
    /// The right type, but outside the rule; `value` is set for a number.
    case outOfRange(Summary.Field, value: Double? = nil)

    /// The reason that a metric may carry.
    package var reason: FailureReason {
        switch self {
        case .notJSON: .notJSON
        case .notAnObject: .notAnObject
        case .missingField: .missingField
        case .wrongType: .wrongType
        case .outOfRange: .outOfRange
        }
    }

    /// One sentence for the log, at most 200 bytes of ASCII.
    package var description: String {
        switch self {
        case .notJSON(let fault):
            "the body must be JSON, but has \(fault.rule.rawValue) at byte \(fault.offset)"
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
