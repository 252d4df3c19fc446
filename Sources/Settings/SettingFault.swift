internal import Federation
internal import JSON

/// An error in the settings, in words that an operator can act on without a manual.
struct SettingFault: Hashable, Sendable {
    /// The maximum length of a value that is shown, in Unicode scalars.
    static let maximumShown = 120

    /// nil for a line without a key.
    var key: String?
    /// The invalid value, prepared by `shown`; nil if it may be a secret of another program.
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

    /// Replaces user information in a value, escapes invisible characters, and shortens it.
    static func shown(_ value: String) -> String {
        let scalars = withoutUserInfo(value).unicodeScalars
        let start = String(String.UnicodeScalarView(scalars.prefix(maximumShown))).visible
        return scalars.count > maximumShown ? start + "…" : start
    }

    /// Replaces everything between `//`, or the start, and the last `@`.
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
        // The path of a file and the text of a fault may contain text from outside.
        return [origin.description, assignment, reason].filter { !$0.isEmpty }
            .joined(separator: ": ").visible
    }
}

/// All errors in the settings, in the order of reading.
///
/// At most `maximumPerKey` faults per key are kept and the rest is counted, so that a peers file
/// with 100,000 bad lines does not hide other faults.
package struct SettingFaults: Error, Sendable {
    static let maximumPerKey = 20

    private(set) var kept: [SettingFault] = []
    private var counts: [String?: Int] = [:]

    var isEmpty: Bool { kept.isEmpty }

    /// The number of faults, kept or not.
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

    /// Adds the faults of another part of the settings, kept and counted.
    mutating func merge(_ other: SettingFaults) {
        for fault in other.kept { report(fault) }
        for (key, count) in other.counts {
            counts[key, default: 0] += max(0, count - Self.maximumPerKey)
        }
    }

    /// One line per kept fault, and one per key with further faults.
    package var lines: [String] {
        let omitted = counts.compactMap { key, count -> String? in
            let more = count - Self.maximumPerKey
            return more > 0 ? "\(key ?? "other lines"): and \(more) more faults" : nil
        }
        return kept.map(\.description) + omitted.sorted()
    }
}
