internal import Federation
internal import JSON

/// One thing that is wrong with the settings, told so that it can be put right without a manual.
struct SettingFault: Hashable, Sendable {
    /// The largest part of a value that is shown, in Unicode scalars.
    static let maximumShown = 120

    /// The key at fault; nil for a line that has none.
    var key: String?
    /// What was given, made fit to be shown; nil where it may be somebody else's secret.
    var value: String?
    /// What is wrong and what is allowed.
    var reason: String
    var origin: ValueOrigin

    init(key: String?, value: String? = nil, reason: String, origin: ValueOrigin) {
        self.key = key
        self.value = value.map(Self.shown)
        self.reason = reason
        self.origin = origin
    }

    /// A value fit to be shown: user information replaced, invisible characters escaped, cut to a
    /// length.
    static func shown(_ value: String) -> String {
        let scalars = withoutUserInfo(value).unicodeScalars
        let start = String(String.UnicodeScalarView(scalars.prefix(maximumShown))).visible
        return scalars.count > maximumShown ? start + "…" : start
    }

    /// The text with everything between `//`, or the start, and the last `@` replaced.
    private static func withoutUserInfo(_ value: String) -> String {
        guard let at = value.lastIndex(of: "@") else { return value }
        let start = value[..<at].firstRange(of: "//")?.upperBound ?? value.startIndex
        return value[..<start] + "***" + value[at...]
    }
}

extension SettingFault: CustomStringConvertible {
    /// The fault in one line.
    ///
    /// As in `nova.env:4: NOVA_FED_SYNC_INTERVAL='0': allowed: 0.1 to 3600 seconds`.
    var description: String {
        let assignment = [key, value.map { "'\($0)'" }].compactMap(\.self).joined(separator: "=")
        // The path of a file and the text of a fault may hold what somebody else wrote.
        return [origin.description, assignment, reason].filter { !$0.isEmpty }
            .joined(separator: ": ").visible
    }
}

/// Everything that is wrong with the settings, in the order of reading.
///
/// At most `maximumPerKey` faults of one key are kept, so that a peers file with 100,000 bad lines
/// hides nothing else; the rest is counted.
package struct SettingFaults: Error, Sendable {
    static let maximumPerKey = 20

    private(set) var kept: [SettingFault] = []
    private var counts: [String?: Int] = [:]

    var isEmpty: Bool { kept.isEmpty }

    /// How many there are, kept or not.
    var count: Int { counts.values.reduce(0, +) }

    /// The keys that have a fault.
    var keys: Set<String> { Set(counts.keys.compactMap(\.self)) }

    mutating func report(
        _ key: String,
        _ value: String?,
        _ reason: String,
        _ origin: ValueOrigin
    ) {
        report(SettingFault(key: key, value: value, reason: reason, origin: origin))
    }

    /// Keeps a fault, or only counts it once its key has `maximumPerKey`.
    mutating func report(_ fault: SettingFault) {
        let count = counts[fault.key, default: 0] + 1
        counts[fault.key] = count
        if count <= Self.maximumPerKey { kept.append(fault) }
    }

    /// Takes over the faults, kept and counted, of a part that was read apart.
    mutating func merge(_ other: SettingFaults) {
        for fault in other.kept { report(fault) }
        for (key, count) in other.counts {
            counts[key, default: 0] += max(0, count - Self.maximumPerKey)
        }
    }

    /// A line for each fault that was kept, and one for each key of which some were not.
    package var lines: [String] {
        let omitted = counts.compactMap { key, count -> String? in
            let more = count - Self.maximumPerKey
            return more > 0 ? "\(key ?? "other lines"): and \(more) more faults" : nil
        }
        return kept.map(\.description) + omitted.sorted()
    }
}
