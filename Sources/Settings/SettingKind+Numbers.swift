internal import Federation
internal import JSON
internal import Timing

extension SettingKind where Value == Double {
    /// A decimal number in a range.
    static func number(_ range: ClosedRange<Double>) -> Self {
        Self(
            allowed: range.words,
            parse: { text in decimal(text).flatMap { range.contains($0) ? $0 : nil } },
            show: { $0.words }
        )
    }
}

extension SettingKind where Value == Generativity.Weights {
    /// Three comma-separated numbers in a range.
    static func weights(_ range: ClosedRange<Double>) -> Self {
        Self(
            allowed: "three numbers of \(range.words), comma-separated",
            parse: { text in
                let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
                    .compactMap { decimal(String($0.trimmingBlanks)) }
                let commas = text.utf8.count { $0 == UInt8(ascii: ",") }
                guard commas == 2, numbers.count == 3, numbers.allSatisfy(range.contains)
                else { return nil }
                return Generativity.Weights(
                    progress: numbers[0],
                    novelty: numbers[1],
                    consistency: numbers[2]
                )
            },
            show: {
                [$0.progress, $0.novelty, $0.consistency].map(\.words).joined(separator: ",")
            }
        )
    }
}

extension SettingKind where Value == Duration {
    /// Seconds as a decimal number in a range.
    static func seconds(_ range: ClosedRange<Double>) -> Self {
        Self(
            allowed: range.words + " seconds",
            parse: { text in
                guard let seconds = decimal(text), range.contains(seconds) else { return nil }
                return .nanoseconds(Int64((seconds * 1e9).rounded()))
            },
            show: { $0.inSeconds.words }
        )
    }
}

extension SettingKind where Value == Int {
    /// An integer in a range.
    static func count(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "\(range.lowerBound) to \(range.upperBound)",
            parse: { text in
                guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit), let value = Int(text)
                else { return nil }
                return range.contains(value) ? value : nil
            },
            show: { String($0) }
        )
    }
}

/// Parses an optional minus, digits, and at most one decimal point.
///
/// Exponents, hexadecimal and infinity are rejected, because in a settings file they are mistakes.
private func decimal(_ text: String) -> Double? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let points = digits.utf8.count { $0 == UInt8(ascii: ".") }
    guard digits.utf8.contains(where: \.isDigit), points <= 1, digits.utf8.count <= 40,
        digits.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") })
    else { return nil }
    return Double(text)
}

extension Double {
    /// The number as an operator writes it: `30`, not `30.0`.
    var words: String {
        self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description
    }
}

extension ClosedRange<Double> {
    fileprivate var words: String { "\(lowerBound.words) to \(upperBound.words)" }
}
