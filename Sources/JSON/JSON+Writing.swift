extension JSON {
    /// `text` as a JSON string, quotes included.
    ///
    /// Beyond what JSON asks for it escapes each scalar that is not visible: people read JSON in
    /// terminals, and an escape reads back as the same scalar.
    package static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.isVisible: quoted.unicodeScalars.append(scalar)
            default: quoted += scalar.jsonEscape
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
