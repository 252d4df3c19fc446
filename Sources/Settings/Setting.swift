/// One row of the table of settings: a key, what it may be, and the field that it fills.
package struct Setting: Sendable {
    package let key: String
    /// What holds if nobody sets it, in words.
    let fallback: String
    /// What may be written.
    let allowed: String
    /// What it does, with its formula or its price.
    let meaning: String
    /// Reads a text into the field; false if it is not allowed.
    let read: @Sendable (_ text: String, _ settings: inout Settings) -> Bool
    /// The field as one would write it.
    let show: @Sendable (Settings) -> String
    /// Works the field out from others if nobody set it; nil for a constant.
    let derive: (@Sendable (inout Settings) -> Void)?
    /// Whether two have the same value in the field.
    package let isSame: @Sendable (Settings, Settings) -> Bool
    /// Puts the field of one value into another.
    let copy: @Sendable (_ from: Settings, _ to: inout Settings) -> Void

    /// A row; `fallback` has the words for `derive`, or for a default that shows badly.
    init<Value: Equatable>(
        _ key: String,
        _ field: any WritableKeyPath<Settings, Value> & Sendable,
        _ kind: SettingKind<Value>,
        _ meaning: String,
        fallback: String? = nil,
        derive: (@Sendable (Settings) -> Value)? = nil
    ) {
        self.key = key
        self.fallback = fallback ?? kind.show(Settings(fileLimit: 0)[keyPath: field])
        self.allowed = kind.allowed
        self.meaning = meaning
        self.read = { text, settings in
            guard let value = kind.parse(text) else { return false }
            settings[keyPath: field] = value
            return true
        }
        self.show = { kind.show($0[keyPath: field]) }
        self.isSame = { $0[keyPath: field] == $1[keyPath: field] }
        self.copy = { $1[keyPath: field] = $0[keyPath: field] }
        guard let derive else {
            self.derive = nil
            return
        }
        self.derive = { settings in settings[keyPath: field] = derive(settings) }
    }
}

extension Setting {
    /// The settings that a running process cannot change: what was opened, made or announced with
    /// them at the start stays.
    private static let fixedKeys: Set = [
        "FEDERATION_ENABLED", "NOVA_FED_LOCAL_SOURCE", "NOVA_NODE_ID", "NOVA_FED_STATE_DIR",
        "FEDERATION_BIND", "NOVA_FED_MAX_CONNECTIONS", "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS",
        "NOVA_FED_MAX_RESPONSE_BYTES",
        "NOVA_FED_LOG_FORMAT", "NOVA_FED_MAX_BODY", "NOVA_FED_CA_FILE",
    ]

    /// Whether a change needs a restart; all other settings are taken in by a reload.
    var needsRestart: Bool { Self.fixedKeys.contains(key) }

    /// What it does, and whether it takes a restart to change it.
    var explanation: String { meaning + (needsRestart ? "; to change it, restart" : "") }
}
