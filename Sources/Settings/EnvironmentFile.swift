internal import Federation
internal import JSON

/// A file of `KEY=VALUE` lines, which other programs may share.
///
/// `EnvironmentScanner` says where a statement ends. Statements of other programs are never a
/// fault: they may repeat, span lines, or be no assignment at all. A statement with a key of ours
/// must be one line, must be complete, and must not repeat. A `#` at the start of a line, after a
/// blank behind an unquoted value, or behind a quoted one, begins a comment. Nothing is expanded.
struct EnvironmentFile: Sendable {
    /// The largest file that is read.
    static let maximumBytes = 1 << 20

    /// One assignment and its line, from 1.
    struct Entry: Hashable, Sendable {
        var key: String
        var value: String
        var line: Int
    }

    private(set) var entries: [Entry] = []
    /// What is wrong with our statements; values are not repeated, they may be secrets.
    private(set) var faults: [SettingFault] = []
    /// The keys of the table, to be looked up for every line.
    private static let ownKeys = Set(SettingsTable.all.map(\.key))
    /// The most foreign values that are named for the settings inside them.
    private static let maximumHiding = 20

    /// What of the file is ignored and may be a mistake.
    private(set) var warnings: [String] = []

    /// Whether its last line is ended; one that is not may be cut off.
    let endsWithLineFeed: Bool
    private let path: String
    private var lineOfKey: [String: Int] = [:]
    /// The first foreign statement that is neither `KEY` nor `KEY=VALUE`, and how many there are.
    private var unreadable: (first: EnvironmentScanner.Statement, count: Int)?
    /// How many foreign values contain settings, and which settings have not been named for it.
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
        warnOfTheRest()
    }

    /// The setting that a statement is about; of a broken one, the word that it begins with.
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

    /// Why a statement of ours sets nothing.
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
        "has a quote that is not closed on its line; close it, or remove it"

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

    /// Warns of the settings that a foreign value of several lines contains: python-dotenv does not
    /// read them either, but their operator may expect it to.
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
                + "so these settings inside it are not read: \(hidden.joined(separator: ", ")); if "
                + "they should be, close the quote before them"
        )
    }

    /// Warns of what is counted until the end of the file.
    private mutating func warnOfTheRest() {
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
