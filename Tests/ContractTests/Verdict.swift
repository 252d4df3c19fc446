import Federation

/// The verdict of the decoder on a body, in the form of the oracle.
enum Verdict {
    static func of(_ body: [UInt8]) -> String {
        do {
            _ = try Summary(decoding: body)
            return "valid"
        } catch {
            switch error {
            case .notJSON, .notAnObject: return error.reason.rawValue
            case .missingField(let field), .wrongType(let field, _), .outOfRange(let field, _):
                return "\(error.reason.rawValue) \(field.path)"
            }
        }
    }
}
