/// Splits a settings file into statements where python-dotenv 1.2 does.
///
/// A Nova node reads the same file through python-dotenv. Both must agree on where a value ends:
/// a quoted value may span lines, and what looks like an assignment inside it is text. A statement
/// that cannot be read ends with the line on which reading failed: the one where a quote opens that
/// is never closed, or the one where a quote closes and other text follows.
struct EnvironmentScanner {
    private let text: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var statementStart = 0

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

    /// What each line of the last statement but its first would be if a statement started there.
    func statements(inside outer: Statement) -> [Statement] {
        var inner = self
        inner.resume(after: outer)
        var found: [Statement] = []
        while let statement = inner.next(), statement.line <= outer.lastLine {
            found.append(statement)
            inner.resume(after: statement)
        }
        return found
    }

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
            statement.lastLine = line
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
    /// Only backslashes and quotes are unescaped: what else python-dotenv unescapes are control
    /// characters, which no setting allows.
    private mutating func quoted(_ quote: Unicode.Scalar) throws(Problem) -> String {
        guard let end = closing(quote) else { throw .openQuote }
        var content = String.UnicodeScalarView()
        var place = index + 1
        while place < end {
            if text[place] == "\\", place + 1 < end, [quote, "\\", "'"].contains(text[place + 1]) {
                place += 1
            }
            content.append(text[place])
            place += 1
        }
        move(to: end + 1)
        return String(content)
    }

    /// Where an open quote is closed: by the first one that does not follow a backslash.
    ///
    /// Without such a one, the last that follows a backslash closes it, even in another statement:
    /// python-dotenv's regular expression backtracks to it.
    private func closing(_ quote: Unicode.Scalar) -> Int? {
        var escaped: Int?
        for place in (index + 1)..<text.count where text[place] == quote {
            guard text[place - 1] == "\\" else { return place }
            escaped = place
        }
        return escaped
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
