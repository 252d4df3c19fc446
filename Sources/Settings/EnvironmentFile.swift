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

    private(set) var entries: [Entry] = []
    /// Faults in our statements, without values, which may be secrets.
    private(set) var faults: [SettingFault] = []
    /// A set, because every line is looked up in it.
    private static let ownKeys = Set(SettingsTable.all.map(\.key))
    /// The maximum number of warnings about settings inside foreign values.
    private static let maximumHiding = 20

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
            guard let key = Self.ownKey(of: statement) else {
                takeForeign(statement, scanner)
                continue
            }
            if statement.lastLine > statement.line { scanner.resume(after: statement) }
            if let reason = fault(of: statement, key) {
                let origin = ValueOrigin.file(path, line: statement.line)
                faults.append(SettingFault(key: key, reason: reason, origin: origin))
            } else {
                lineOfKey[key] = statement.line
                take(statement)
            }
        }
        warnOfCounted()
    }

    /// The setting that a statement sets, or that a broken statement begins with.
    private static func ownKey(of statement: EnvironmentScanner.Statement) -> String? {
        let key = statement.key
        if ownKeys.contains(key) { return key }
        guard statement.problem != nil else { return nil }
        let word = String(decoding: key.utf8.prefix(while: isPartOfKey), as: UTF8.self)
        return ownKeys.contains(word) ? word : nil
    }

    private static func isPartOfKey(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_")
    }

    /// Why a statement with one of our keys is invalid; nil if it is valid.
    private func fault(of statement: EnvironmentScanner.Statement, _ key: String) -> String? {
        if let first = lineOfKey[key] {
            return "is already set on line \(first); remove one of the lines"
        }
        if statement.lastLine > statement.line { return Self.openQuote }
        switch statement.problem {
        case .openQuote: return Self.openQuote
        case let problem?: return problem.words
        case nil: break
        }
        guard let value = statement.value else { return "has no =; allowed: KEY=VALUE" }
        if value.unicodeScalars.contains("\0") {
            return "contains a NUL byte; allowed: UTF-8 without NUL"
        }
        return value.unicodeScalars.contains("\u{FFFD}")
            ? "is not UTF-8; allowed: UTF-8 without NUL" : nil
    }

    private static let openQuote =
        "has a quote that is not closed on its line; close or remove it"

    private mutating func takeForeign(
        _ statement: EnvironmentScanner.Statement,
        _ scanner: EnvironmentScanner
    ) {
        if statement.problem != nil {
            unreadable = (unreadable?.first ?? statement, (unreadable?.count ?? 0) + 1)
        }
        if statement.lines.count > 1 { warnOfHidden(in: statement, scanner) }
        take(statement)
    }

    private mutating func take(_ statement: EnvironmentScanner.Statement) {
        guard let value = statement.value else { return }
        entries.append(Entry(key: statement.key, value: value, line: statement.line))
    }

    /// Warns of settings inside a multi-line value of another program.
    ///
    /// python-dotenv does not read them either, but the operator probably meant to set them.
    private mutating func warnOfHidden(
        in outer: EnvironmentScanner.Statement,
        _ scanner: EnvironmentScanner
    ) {
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
            first.lines.count > 1
            ? "the statement on lines \(first.line) to \(first.lastLine)" : "the line"
        let more = count > 2 ? ", as are \(count - 1) more" : count == 2 ? ", as is 1 more" : ""
        warnings.append("\(path):\(first.line): \(subject) \(problem.words) and is ignored\(more)")
    }
}
