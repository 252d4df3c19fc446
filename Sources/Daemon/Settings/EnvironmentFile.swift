import Federation

/// A file of `KEY=VALUE` lines.
///
/// A `#` at the start of a line, or after a blank behind an unquoted or a quoted value, begins a
/// comment. A value may stand in matching quotes, single or double, which are taken off; nothing
/// inside is expanded or unescaped. Lines end with LF or CRLF.
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
    /// What is wrong with its lines; values are not repeated, the file may hold others' secrets.
    private(set) var faults: [SettingFault] = []

    init(parsing bytes: [UInt8], path: String) {
        var lineOfKey: [String: Int] = [:]
        for (line, text) in TextLines(bytes) {
            do throws(LineFault) {
                guard let (key, value) = try Self.assignment(text) else { continue }
                if let first = lineOfKey[key] {
                    throw LineFault("is set again; see line \(first)", key)
                }
                lineOfKey[key] = line
                entries.append(Entry(key: key, value: value, line: line))
            } catch {
                let origin = ValueOrigin.file(path, line: line)
                faults.append(SettingFault(key: error.key, reason: error.reason, origin: origin))
            }
        }
    }

    /// Why a line is no assignment.
    private struct LineFault: Error {
        var reason: String
        var key: String?

        init(_ reason: String, _ key: String? = nil) {
            self.reason = reason
            self.key = key
        }
    }

    /// The key and the value of a line; nil for a blank line and for a comment.
    private static func assignment(
        _ text: String?
    ) throws(LineFault) -> (key: String, value: String)? {
        guard let text else { throw LineFault("the line is not UTF-8") }
        guard !text.utf8.contains(0) else { throw LineFault("the line has a NUL") }
        let line = text.trimmingBlanks
        if line.isEmpty || line.hasPrefix("#") { return nil }
        guard let equals = line.firstIndex(of: "=") else { throw LineFault("is not KEY=VALUE") }
        let key = String(line[..<equals].trimmingBlanks)
        guard !key.hasPrefix("export ") else { throw LineFault("leave 'export' out") }
        guard isKey(key) else { throw LineFault("is not KEY=VALUE: a key is A-Z a-z 0-9 _") }
        return (key, try unquoted(line[line.index(after: equals)...], of: key))
    }

    private static func isKey(_ text: String) -> Bool {
        text.utf8.first?.isDigit == false
            && text.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// Takes blanks, quotes and comment off a value.
    private static func unquoted(_ value: Substring, of key: String) throws(LineFault) -> String {
        let quoted = value.trimmingBlanks
        guard let quote = quoted.first, quote == "\"" || quote == "'" else {
            return String(withoutComment(value))
        }
        let inside = quoted.dropFirst()
        guard let end = inside.firstIndex(of: quote) else {
            throw LineFault("has a quote that does not end on its line", key)
        }
        let rest = inside[inside.index(after: end)...]
        guard withoutComment(rest).isEmpty else {
            throw LineFault("has more behind its closing quote", key)
        }
        return String(inside[..<end])
    }

    /// The text up to a `#` that follows a blank.
    private static func withoutComment(_ text: Substring) -> Substring {
        var isBehindBlank = false
        for index in text.indices {
            let character = text[index]
            if character == "#", isBehindBlank { return text[..<index].trimmingBlanks }
            isBehindBlank = character == " " || character == "\t"
        }
        return text.trimmingBlanks
    }
}
