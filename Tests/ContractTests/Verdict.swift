import Federation

/// What the decoder says of a body, in the oracle's words.
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
