internal import JSON

/// All errors in the settings, in the order of reading, in words that need no manual.
///
/// At most `maximumPerKey` faults per key are kept and the rest is counted, so that a peers file
/// with 100,000 bad lines does not hide other faults.
package struct SettingFaults: Error, Sendable {
    static let maximumPerKey = 20

    private var kept: [(key: String, line: String)] = []
    private var counts: [String: Int] = [:]

    var isEmpty: Bool { kept.isEmpty }

    /// The number of faults, kept or not.
    var count: Int { counts.values.reduce(0, +) }

    /// The keys that have a fault.
    var keys: Set<String> { Set(counts.keys) }

    /// Reports a fault as `nova.env:4: NOVA_FED_DRAIN_SEC='x': allowed: 0 to 300 seconds`.
    ///
    /// `value` is nil if it may be a secret of another program.
    mutating func report(
        _ key: String,
        _ value: String?,
        _ reason: String,
        _ origin: ValueOrigin
    ) {
        let assignment = key + (value.map { "='\($0.shown)'" } ?? "")
        // Paths and reasons may contain invisible characters too.
        add(key, "\(origin): \(assignment): \(reason)".visible)
    }

    /// Adds the faults of another part of the settings, kept and counted.
    mutating func merge(_ other: SettingFaults) {
        for (key, line) in other.kept { add(key, line) }
        for (key, count) in other.counts {
            counts[key, default: 0] += max(0, count - Self.maximumPerKey)
        }
    }

    private mutating func add(_ key: String, _ line: @autoclosure () -> String) {
        counts[key, default: 0] += 1
        if counts[key, default: 0] <= Self.maximumPerKey { kept.append((key, line())) }
    }

    /// One line per kept fault, and one per key with further faults.
    package var lines: [String] {
        let omitted = counts.filter { $0.value > Self.maximumPerKey }
            .map { "\($0): and \($1 - Self.maximumPerKey) more faults" }
        return kept.map(\.line) + omitted.sorted()
    }
}

extension String {
    /// The maximum length of a value in a message, in Unicode scalars.
    private static let maximumShown = 120

    /// The value for a message: without what may be a secret, without invisible characters, and
    /// shortened.
    var shown: String {
        let scalars = withoutSecrets.unicodeScalars
        let start = String(UnicodeScalarView(scalars.prefix(Self.maximumShown))).visible
        return scalars.count > Self.maximumShown ? start + "…" : start
    }

    /// The value without user information, query and fragment.
    ///
    /// User information is everything between `://`, or the start, and the last `@` or `%40`.
    private var withoutSecrets: String {
        let at = [lastIndex(of: "@"), ranges(of: "%40").last?.lowerBound].compactMap(\.self).max()
        let scheme = self[..<(at ?? endIndex)].firstRange(of: "://")
        let start = scheme?.upperBound ?? startIndex
        // Without a scheme it may be a path, in which `#` is common.
        let mark = self[start...].firstIndex { $0 == "?" || $0 == "#" && scheme != nil }
        return switch (at, mark) {
        case (nil, nil) where scheme != nil: self[..<start] + self[start...].withoutPassword
        case (nil, nil): self
        case (let at?, nil): "\(self[..<start])***\(self[at...])"
        case (nil, let mark?):
            self[..<start] + self[start..<mark].withoutPassword + self[mark...mark] + "***"
        case (let at?, let mark?) where at < mark: "\(self[..<start])***\(self[at...mark])***"
        // The `?` may be a part of a password, and the `@` a part of a query.
        default: "\(self[..<start])***"
        }
    }
}

extension Substring {
    /// A URL after its scheme, without what stands in the place of a port and is none.
    ///
    /// That may be a password whose host is missing.
    fileprivate var withoutPassword: String {
        let authority = prefix { !"/?#".contains($0) }
        // The colons of an IPv6 address do not begin a port.
        let host = authority.lastIndex(of: "]") ?? authority.startIndex
        let hasNoBrackets = authority.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        guard let colon = authority[host...].firstIndex(of: ":"),
            !(hasNoBrackets && authority.count(where: { $0 == ":" }) > 1)
        else { return String(self) }
        let port = authority[authority.index(after: colon)...]
        let isPort = port.count <= 5 && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return isPort ? String(self) : "\(self[...colon])***"
    }
}
