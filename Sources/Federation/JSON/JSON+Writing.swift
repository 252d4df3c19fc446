extension JSON {
    /// `text` as a JSON string, quotes included; only what must be escaped is.
    package static func quoted(_ text: String) -> String {
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

    /// A finite number, in the fewest digits that read back as the same double.
    package static func number(_ value: Double) -> String {
        precondition(value.isFinite, "JSON has finite numbers only")
        return value.description
    }
}
