/// Splits a settings file into statements like python-dotenv 1.2.
///
/// A Nova node reads the same file with python-dotenv, so both must agree on where a value ends: a
/// quoted value may span lines, and an assignment inside it is text. A broken statement ends with
/// the line on which parsing failed: the line of a quote that is never closed, or the line on which
/// text follows a closing quote.
struct EnvironmentScanner {
    private let text: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var statementStart = 0

    /// Replaces invalid UTF-8 by U+FFFD and skips a byte order mark.
    init(_ bytes: [UInt8]) {
        var scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        text = scalars
    }

    /// Skips blank lines and comments; returns nil at the end.
    mutating func next() -> Statement? {
        while true {
            skip { $0.isWhite }
            guard let first = peek() else { return nil }
            if first != "#" { return statement() }
            skip { !$0.isNewline }
        }
    }

    /// Moves back to the second line of the last statement.
    mutating func resume(after statement: Statement) {
        index = statementStart
        line = statement.line
        skipLine()
    }

    /// The statements that begin on the other lines of the last statement.
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

    /// Skips the word `export` if a blank follows.
    private mutating func skipExport() {
        let word = Array("export".unicodeScalars)
        let end = index + word.count
        guard end < text.count, text[end].isBlank, Array(text[index..<end]) == word else { return }
        index = end
        skip { $0.isBlank }
    }

    /// Reads a key: quoted with `'`, or up to white space, `=` or `#`.
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

    /// Reads the value after `=`.
    private mutating func value() throws(Problem) -> (String, isQuoted: Bool) {
        skip { $0.isBlank }
        if let quote = peek(), quote == "\"" || quote == "'" { return (try quoted(quote), true) }
        let start = index
        skip { !$0.isNewline }
        return (withoutComment(start..<index), false)
    }

    /// Reads a quoted value, across lines.
    ///
    /// It unescapes only backslashes and quotes. python-dotenv also unescapes control characters,
    /// which no setting allows.
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

    /// The position of the closing quote: the first quote that does not follow a backslash.
    ///
    /// If there is none, it is the last escaped quote, even in another statement, because
    /// python-dotenv's regular expression backtracks to it.
    private func closing(_ quote: Unicode.Scalar) -> Int? {
        var escaped: Int?
        for place in (index + 1)..<text.count where text[place] == quote {
            guard text[place - 1] == "\\" else { return place }
            escaped = place
        }
        return escaped
    }

    /// The text before a `#` that follows white space, without trailing white space.
    private func withoutComment(_ range: Range<Int>) -> String {
        var end = range.first { text[$0] == "#" && text[$0 - 1].isWhite } ?? range.upperBound
        while end > range.lowerBound, text[end - 1].isWhite { end -= 1 }
        return string(range.lowerBound..<end)
    }

    /// Skips the rest of the line, which may contain only blanks and a comment.
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

    /// Moves to `end` and counts the line ends before it.
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
    fileprivate var isNewline: Bool { self == "\n" || self == "\r" }
    /// Whether Python's `\s` matches: Unicode white space and four ASCII separators.
    fileprivate var isWhite: Bool {
        value < 0x80
            ? 0x09...0x0D ~= value || 0x1C...0x20 ~= value : properties.isWhitespace
    }
    fileprivate var isBlank: Bool { isWhite && !isNewline }
}
