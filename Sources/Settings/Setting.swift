/// One row of the table of settings: a key, its allowed values, and the field that it sets.
struct Setting: Sendable {
    let key: String
    let field: any PartialKeyPath<Settings> & Sendable
    /// The default in words.
    let fallback: String
    /// The allowed values in words.
    let allowed: String
    /// What it does, its unit, and when to change it, in sentences.
    let meaning: String
    /// Whether a change takes effect only at the next start; a reload applies all other settings.
    ///
    /// True if something was opened, created or announced with the value at startup.
    let restart: Bool
    /// Parses a text into the field; false if the value is not allowed.
    let read: @Sendable (_ text: String, _ settings: inout Settings) -> Bool
    /// The field as an operator would write it.
    let show: @Sendable (Settings) -> String
    /// Computes an unset field from other fields; nil if the default is a constant.
    let derive: (@Sendable (inout Settings) -> Void)?
    /// Whether the field has the same value in both.
    let isSame: @Sendable (Settings, Settings) -> Bool
    /// Copies the field from one value to another.
    let copy: @Sendable (_ from: Settings, _ to: inout Settings) -> Void

    /// A row; `fallback` describes a default that is derived or not clear from its value.
    init<Value: Equatable>(
        _ key: String,
        _ field: any WritableKeyPath<Settings, Value> & Sendable,
        _ kind: SettingKind<Value>,
        restart: Bool = false,
        @HelpText meaning: () -> String,
        fallback: () -> String? = { nil },
        derive: (@Sendable (Settings) -> Value)? = nil
    ) {
        self.key = key
        self.field = field
        self.fallback = fallback() ?? kind.show(Settings(fileLimit: 0)[keyPath: field])
        self.allowed = kind.allowed
        self.meaning = meaning()
        self.restart = restart
        self.read = { text, settings in
            guard let value = kind.parse(text) else { return false }
            settings[keyPath: field] = value
            return true
        }
        self.show = { kind.show($0[keyPath: field]) }
        self.isSame = { $0[keyPath: field] == $1[keyPath: field] }
        self.copy = { $1[keyPath: field] = $0[keyPath: field] }
        self.derive = derive.map { derive in
            { @Sendable settings in settings[keyPath: field] = derive(settings) }
        }
    }

    /// What it does, and whether changing it needs a restart.
    var explanation: String { meaning + (restart ? " A change needs a restart." : "") }
}

/// Joins the lines of a help text with blanks.
@resultBuilder enum HelpText {
    static func buildBlock(_ lines: String...) -> String { lines.joined(separator: " ") }
}
