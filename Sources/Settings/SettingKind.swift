/// A type of value: how it is parsed, shown and described.
struct SettingKind<Value: Sendable>: Sendable {
    /// The allowed values, as the end of `allowed: …`.
    var allowed: String
    /// Parses a text without blanks around it; returns nil if it is not allowed.
    var parse: @Sendable (String) -> Value?
    var show: @Sendable (Value) -> String

    /// A kind whose default may be nil, shown as `none`; no text sets it to nil.
    static func optional<Wrapped>(
        _ kind: SettingKind<Wrapped>,
        none: String = "none"
    ) -> Self where Value == Wrapped? {
        Self(
            allowed: kind.allowed,
            parse: { text in kind.parse(text).map(Optional.some) },
            show: { value in value.map(kind.show) ?? none }
        )
    }
}

extension SettingKind where Value == Bool {
    /// 1/true/yes/on or 0/false/no/off, case-insensitive.
    static var flag: Self {
        Self(
            allowed: "1, true, yes, on, 0, false, no, off",
            parse: { text in
                switch text.lowercased() {
                case "1", "true", "yes", "on": true
                case "0", "false", "no", "off": false
                default: nil
                }
            },
            show: { $0 ? "1" : "0" }
        )
    }
}

extension SettingKind where Value == String {
    static var path: Self { Self(allowed: "a path", parse: { $0 }, show: { $0 }) }

    /// A node id or a version, within the limits of the summary that every peer reads.
    static var identity: Self {
        Self(
            allowed: "1 to 128 characters, at most 512 bytes, no control characters",
            parse: { text in
                let scalars = text.unicodeScalars
                guard (1...128).contains(scalars.count), text.utf8.count <= 512,
                    scalars.allSatisfy({ $0.properties.generalCategory != .control })
                else { return nil }
                return text
            },
            show: { $0 }
        )
    }
}

extension SettingKind
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// A case of an enumeration by its raw value, case-insensitive.
    static var word: Self {
        Self(
            allowed: Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0.lowercased()) },
            show: { $0.rawValue }
        )
    }
}
