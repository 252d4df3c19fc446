import Federation

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
    /// The most hidden settings that are named.
    private static let maximumHidden = 20

    /// What of the file is ignored and may be a mistake.
    private(set) var warnings: [String] = []

    /// Whether its last line is ended; one that is not may be cut off.
    let endsWithLineFeed: Bool
    private let path: String
    private var lineOfKey: [String: Int] = [:]
    /// The lines of no program: neither `KEY`, `KEY=VALUE`, comment nor blank.
    private var unreadableLines: [Int] = []

    init(parsing bytes: [UInt8], path: String) {
        self.path = path
        endsWithLineFeed = bytes.last == UInt8(ascii: "\n")
        var scanner = EnvironmentScanner(bytes)
        while let statement = scanner.next() {
            guard let key = Self.ownKey(of: statement) else {
                takeForeign(statement)
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
        guard let first = unreadableLines.first else { return }
        let others = unreadableLines.count - 1
        warnings.append(
            "\(path):\(first): not KEY=VALUE; the line is ignored"
                + (others > 1
                    ? ", and so are \(others) others" : others == 1 ? ", and so is one other" : "")
        )
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
        if let first = lineOfKey[key] { return "is set again; see line \(first)" }
        if statement.lastLine > statement.line { return Self.openQuote }
        switch statement.problem {
        case .notAssignment: return "is not KEY=VALUE"
        case .openQuote: return Self.openQuote
        case .textAfterQuote: return "has text after its closing quote"
        case nil: break
        }
        guard let value = statement.value else { return "is not KEY=VALUE: it has no =" }
        if value.unicodeScalars.contains("\0") { return "has a NUL in its value" }
        return value.unicodeScalars.contains("\u{FFFD}") ? "has a value that is not UTF-8" : nil
    }

    private static let openQuote = "has a quote that does not end on its line"

    private mutating func takeForeign(_ statement: EnvironmentScanner.Statement) {
        if statement.problem != nil { unreadableLines.append(statement.line) }
        warnOfHidden(in: statement)
        take(statement)
    }

    private mutating func take(_ statement: EnvironmentScanner.Statement) {
        guard let value = statement.value else { return }
        entries.append(Entry(key: statement.key, value: value, line: statement.line))
    }

    /// Warns of each setting of ours that a foreign value of several lines contains: python-dotenv
    /// does not read it either, but its operator may expect it to.
    private mutating func warnOfHidden(in statement: EnvironmentScanner.Statement) {
        guard let value = statement.value, statement.lastLine > statement.line else { return }
        for line in value.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "=" }.split { $0 == " " || $0 == "\t" }
            guard line.contains("="), let key = words.last.map(String.init),
                Self.ownKeys.contains(key), warnings.count < Self.maximumHidden
            else { continue }
            warnings.append(
                "\(path):\(statement.line): \(key) is not read: it stands inside the quoted value "
                    + "that ends on line \(statement.lastLine)"
            )
        }
    }
}
