internal import Federation
internal import JSON

/// A settings file of `KEY=VALUE` lines, possibly shared with other programs.
///
/// `EnvironmentScanner` splits it into statements. A statement of another program is never a fault:
/// it may repeat, span lines, or not be an assignment. A statement with one of our keys must occur
/// once and be complete on one line. A `#` begins a comment at the start of a line, after a blank
/// that follows an unquoted value, and after a quoted value. Nothing is expanded.
struct EnvironmentFile: Sendable {
    /// The size limit of the file.
    static let maximumBytes = 1 << 20

    /// An assignment and its line, from 1.
    struct Entry: Hashable, Sendable {
        var key: String
        var value: String
        var line: Int
    }

    /// A set, because every line is looked up in it.
    private static let ownKeys = Set(SettingsTable.all.map(\.key))
    /// The maximum number of warnings about settings inside foreign values.
    private static let maximumHiding = 20

    private(set) var entries: [Entry] = []
    /// Faults in our statements, without values, which may be secrets.
    private(set) var faults = SettingFaults()
    /// Probable mistakes in statements that are ignored.
    private(set) var warnings: [String] = []
    /// Whether the last line is complete; otherwise the file may be truncated.
    let endsWithLineFeed: Bool
    private let path: String
    private var lineOfKey: [String: Int] = [:]
    /// The first foreign statement that is neither `KEY` nor `KEY=VALUE`, and their number.
    private var unreadable: (first: EnvironmentScanner.Statement, count: Int)?
    /// The number of foreign values that contain settings, and the settings without a warning.
    private var hiding = (count: 0, unnamed: Set<String>())

    init(parsing bytes: [UInt8], path: String) {
        self.path = path
        endsWithLineFeed = bytes.last == UInt8(ascii: "\n")
        var scanner = EnvironmentScanner(bytes)
        while let statement = scanner.next() {
            if let key = Self.ownKey(of: statement) {
                if statement.isMultiline { scanner.resume(after: statement) }
                if let reason = fault(of: statement, key) {
                    faults.report(key, nil, reason, .file(path, line: statement.line))
                    continue
                }
                lineOfKey[key] = statement.line
            } else {
                noteForeign(statement, scanner)
            }
            guard let value = statement.value else { continue }
            entries.append(Entry(key: statement.key, value: value, line: statement.line))
        }
        warnOfCounted()
    }

    /// The setting that a statement sets, or that a broken statement begins with.
    private static func ownKey(of statement: EnvironmentScanner.Statement) -> String? {
        let key = statement.key
        if ownKeys.contains(key) { return key }
        guard statement.problem != nil else { return nil }
        let word = key.utf8.prefix { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        let first = String(decoding: word, as: UTF8.self)
        return ownKeys.contains(first) ? first : nil
    }

    /// Why a statement with one of our keys is invalid; nil if it is valid.
    private func fault(of statement: EnvironmentScanner.Statement, _ key: String) -> String? {
        if let first = lineOfKey[key] {
            return "is already set on line \(first); remove one of the lines"
        }
        if statement.isMultiline || statement.problem == .openQuote {
            return "has a quote that is not closed on its line; close or remove it"
        }
        if let problem = statement.problem { return problem.rawValue }
        guard let value = statement.value else { return "has no =; allowed: KEY=VALUE" }
        if value.unicodeScalars.contains("\0") {
            return "contains a NUL byte; allowed: UTF-8 without NUL"
        }
        return value.unicodeScalars.contains("\u{FFFD}")
            ? "is not UTF-8; allowed: UTF-8 without NUL" : nil
    }

    /// Notes a broken statement of another program, and settings inside its multi-line value.
    ///
    /// python-dotenv does not read these either, but the operator probably meant to set them.
    private mutating func noteForeign(
        _ outer: EnvironmentScanner.Statement,
        _ scanner: EnvironmentScanner
    ) {
        if outer.problem != nil {
            unreadable = (unreadable?.first ?? outer, (unreadable?.count ?? 0) + 1)
        }
        guard outer.isMultiline else { return }
        var hidden: [String] = []
        var keys: Set<String> = []
        for statement in scanner.statements(inside: outer) where statement.hasEqualSign {
            guard let key = Self.ownKey(of: statement), keys.insert(key).inserted else { continue }
            hidden.append("\(key) (line \(statement.line))")
        }
        guard !hidden.isEmpty else { return }
        hiding.count += 1
        guard hiding.count <= Self.maximumHiding else { return hiding.unnamed.formUnion(keys) }
        warnings.append(
            "\(path):\(outer.line): lines \(outer.line) to \(outer.lastLine) are one quoted value, "
                + "so these settings inside it are not read: \(hidden.joined(separator: ", ")); to "
                + "set them, close the quote before them"
        )
    }

    /// Adds the warnings that need the counts of the whole file.
    private mutating func warnOfCounted() {
        let others = hiding.count - Self.maximumHiding
        if others > 0 {
            warnings.append(
                "\(path): \(others) more quoted values contain settings that are not read: "
                    + hiding.unnamed.sorted().joined(separator: ", ")
            )
        }
        guard let (first, count) = unreadable, let problem = first.problem else { return }
        let subject =
            first.isMultiline
            ? "the statement on lines \(first.line) to \(first.lastLine)" : "the line"
        let more = count > 2 ? ", as are \(count - 1) more" : count == 2 ? ", as is 1 more" : ""
        warnings.append(
            "\(path):\(first.line): \(subject) \(problem.rawValue) and is ignored\(more)"
        )
    }
}
