/// Splits a settings file into statements where python-dotenv 1.2 does.
///
/// A Nova node reads the same file through python-dotenv. Both must agree on where a value ends:
/// a quoted value may span lines, and what looks like an assignment inside it is text. A statement
/// that cannot be read ends with its line.
struct EnvironmentScanner {
    /// A key with its value, or a line that is neither that nor blank nor a comment.
    struct Statement {
        var key: String
        /// Without quotes and comment; nil for a key without `=`, and for a broken statement.
        var value: String?
        var problem: Problem?
        /// Where it starts, from 1.
        var line: Int
        /// Where its value ends.
        var lastLine: Int
    }

    /// Why a statement is broken.
    enum Problem: Error {
        /// There is no key, or something else than `=` follows it.
        case notAssignment
        case openQuote
        case textAfterQuote
    }

    private let text: [Unicode.Scalar]
    private var index = 0
    private var line = 1

    /// Scans UTF-8, in which each invalid sequence becomes U+FFFD; a byte order mark is skipped.
    init(_ bytes: [UInt8]) {
        var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        text = scalars
    }

    /// The next statement that is not blank and not a comment; nil at the end.
    mutating func next() -> Statement? {
        while true {
            skip { $0.isWhite }
            guard let first = peek() else { return nil }
            if first != "#" { return statement() }
            skip { !$0.isNewline }
        }
    }

    /// Goes back to the line after the one on which the last statement starts.
    mutating func resume(after statement: Statement) {
        index = statementStart
        line = statement.line
        skipLine()
    }

    private var statementStart = 0

    private mutating func statement() -> Statement {
        statementStart = index
        var statement = Statement(key: "", line: line, lastLine: line)
        do throws(Problem) {
            skipExport()
            statement.key = try key()
            skip { $0.isBlank }
            var isQuoted = false
            if peek() == "=" {
                index += 1
                (statement.value, isQuoted) = try value()
            }
            statement.lastLine = line
            try endLine(isQuoted ? .textAfterQuote : .notAssignment)
        } catch {
            statement.value = nil
            statement.problem = error
            skipLine()
        }
        return statement
    }

    /// Skips the word `export` if a blank follows it.
    private mutating func skipExport() {
        let word = Array("export".unicodeScalars)
        let end = index + word.count
        guard end < text.count, text[end].isBlank, Array(text[index..<end]) == word else { return }
        index = end
        skip { $0.isBlank }
    }

    /// A key in single quotes, or all up to white space, `=` or `#`.
    private mutating func key() throws(Problem) -> String {
        let start = index
        if peek() == "'" {
            guard let end = text[(index + 1)...].firstIndex(of: "'"), end > index + 1
            else { throw .notAssignment }
            move(to: end + 1)
            return string(start + 1..<end)
        }
        skip { !$0.isWhite && $0 != "=" && $0 != "#" }
        guard index > start else { throw .notAssignment }
        return string(start..<index)
    }

    /// What follows the `=`, and whether it stands in quotes.
    private mutating func value() throws(Problem) -> (String, isQuoted: Bool) {
        let start = index
        skip { $0.isBlank }
        if let quote = peek(), quote == "\"" || quote == "'" { return (try quoted(quote), true) }
        let first = index
        skip { !$0.isNewline }
        return (withoutComment(first..<index, isAfterBlank: first > start), false)
    }

    /// The content of quotes, across lines.
    ///
    /// A backslash keeps the next character from ending it. Only the backslash itself and quotes
    /// are unescaped: what else python-dotenv unescapes are control characters, which no setting
    /// allows.
    private mutating func quoted(_ quote: Unicode.Scalar) throws(Problem) -> String {
        var content = String.UnicodeScalarView()
        var end = index + 1
        while end < text.count, text[end] != quote {
            if text[end] == "\\", end + 1 < text.count {
                let next = text[end + 1]
                if next != "\\", next != "'", next != quote { content.append("\\") }
                end += 1
            }
            content.append(text[end])
            end += 1
        }
        guard end < text.count else { throw .openQuote }
        move(to: end + 1)
        return String(content)
    }

    /// The text up to a `#` that follows white space, without white space at its end.
    private func withoutComment(_ range: Range<Int>, isAfterBlank: Bool) -> String {
        var end = range.upperBound
        var wasBlank = isAfterBlank
        for place in range {
            if text[place] == "#", wasBlank {
                end = place
                break
            }
            wasBlank = text[place].isWhite
        }
        while end > range.lowerBound, text[end - 1].isWhite { end -= 1 }
        return string(range.lowerBound..<end)
    }

    /// Skips blanks and a comment, which must be all that is left of the line.
    private mutating func endLine(_ problem: Problem) throws(Problem) {
        skip { $0.isBlank }
        if peek() == "#" { skip { !$0.isNewline } }
        if let next = peek(), !next.isNewline { throw problem }
        skipLine()
    }

    private mutating func skipLine() {
        skip { !$0.isNewline }
        guard let end = peek() else { return }
        let isPair = end == "\r" && index + 1 < text.count && text[index + 1] == "\n"
        move(to: index + (isPair ? 2 : 1))
    }

    private func peek() -> Unicode.Scalar? { index < text.count ? text[index] : nil }

    private func string(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(text[range]))
    }

    private mutating func skip(_ isSkipped: (Unicode.Scalar) -> Bool) {
        var end = index
        while end < text.count, isSkipped(text[end]) { end += 1 }
        move(to: end)
    }

    /// Goes on at `end`, and counts the lines up to there.
    private mutating func move(to end: Int) {
        for place in index..<end {
            let isEnd =
                text[place] == "\n"
                || text[place] == "\r" && !(place + 1 < text.count && text[place + 1] == "\n")
            if isEnd { line += 1 }
        }
        index = end
    }
}

extension Unicode.Scalar {
    /// What ends a line.
    fileprivate var isNewline: Bool { self == "\n" || self == "\r" }
    /// What Python's `\s` matches: Unicode's white space and four separators of ASCII.
    fileprivate var isWhite: Bool {
        value < 0x80
            ? 0x09...0x0D ~= value || 0x1C...0x20 ~= value : properties.isWhitespace
    }
    fileprivate var isBlank: Bool { isWhite && !isNewline }
}
