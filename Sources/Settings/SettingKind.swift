internal import Federation
internal import JSON
internal import Timing
internal import Trust

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

extension SettingKind where Value: LosslessStringConvertible {
    /// A value that the initializer of its type parses.
    static func text(_ allowed: String) -> Self {
        Self(allowed: allowed, parse: { Value($0) }, show: { $0.description })
    }
}

extension SettingKind where Value == String {
    static var path: Self { .text("a path") }

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

    /// Any text; `PeerList` checks it together with the peers file.
    static var peerList: Self {
        Self(
            allowed: "URL or name=URL, comma-separated",
            parse: { $0 },
            show: { $0.isEmpty ? "none" : $0.shown }
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

extension SettingKind where Value == Int {
    static func count(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "\(range.lowerBound) to \(range.upperBound)",
            parse: { text in
                guard text.utf8.allSatisfy(\.isDigit), let value = Int(text) else { return nil }
                return range.contains(value) ? value : nil
            },
            show: { String($0) }
        )
    }
}

extension SettingKind where Value == Double {
    static var unit: Self { .number(0...1) }

    /// A decimal number: an optional minus, digits, and at most one decimal point.
    ///
    /// Exponents, hexadecimal and infinity are rejected, because in a settings file they are
    /// mistakes.
    static func number(_ range: ClosedRange<Double>) -> Self {
        Self(
            allowed: "\(range.lowerBound.words) to \(range.upperBound.words)",
            parse: { text in
                let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
                guard digits.utf8.count <= 40,
                    digits.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }),
                    let value = Double(text)
                else { return nil }
                return range.contains(value) ? value : nil
            },
            show: { $0.words }
        )
    }
}

extension SettingKind where Value == Generativity.Weights {
    static var weights: Self {
        let number = SettingKind<Double>.unit
        return Self(
            allowed: "three numbers of \(number.allowed), comma-separated",
            parse: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                let numbers = parts.compactMap { number.parse(String($0.trimmingBlanks)) }
                guard parts.count == 3, numbers.count == 3 else { return nil }
                return .init(progress: numbers[0], novelty: numbers[1], consistency: numbers[2])
            },
            show: { "\($0.progress.words),\($0.novelty.words),\($0.consistency.words)" }
        )
    }
}

extension SettingKind where Value == [ClientName] {
    /// The maximum number of names; each is compared with each name of a certificate.
    private static var maximumNames: Int { 1_000 }

    static var clientNames: Self {
        Self(
            allowed: ClientName.allowed,
            parse: { text in
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                guard parts.count <= maximumNames else { return nil }
                let names = parts.compactMap { ClientName(String($0.trimmingBlanks)) }
                return names.count == parts.count ? names : nil
            },
            show: { names in
                names.isEmpty ? "all" : names.map(\.description).joined(separator: ",")
            }
        )
    }
}

extension SettingKind where Value == Duration {
    /// Seconds as a decimal number in a range.
    static func seconds(_ range: ClosedRange<Double>) -> Self {
        let number = SettingKind<Double>.number(range)
        return Self(
            allowed: number.allowed + " seconds",
            parse: { number.parse($0).map { .nanoseconds(Int64(($0 * 1e9).rounded())) } },
            show: { $0.words }
        )
    }
}

extension Double {
    /// The number as an operator writes it: `30`, not `30.0`.
    var words: String {
        self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description
    }
}

extension Duration {
    /// The seconds as an operator writes them: `30`, `2.5`.
    package var words: String { inSeconds.words }
}
