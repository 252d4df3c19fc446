import Federation
import FoundationEssentials
import JSON
import Logging
import Settings

/// One line of the log, built field by field.
struct LogLine {
    private let format: LogFormat
    /// The priority of the whole line; the journal removes it.
    private let prefix: String
    private var text = ""

    /// Begins with the fields of every line: the time in RFC 3339, level and message.
    init(
        format: LogFormat,
        hasPriority: Bool = false,
        date: Date,
        level: Logger.Level,
        message: String
    ) {
        self.format = format
        prefix = hasPriority ? level.priorityPrefix : ""
        let time = date.formatted(
            .iso8601.year().month().day()
                .time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
        add("ts", time)
        add("level", level.rawValue)
        add("msg", message)
    }

    /// Adds a field, or leaves it out if the line would become too long.
    mutating func add(_ key: String, _ value: String) {
        let key = Self.safeKey(key)
        let (value, isPlain) = Self.escaped(value)
        let field =
            switch format {
            case .logfmt: "\(text.isEmpty ? "" : " ")\(key)=" + (isPlain ? value : "\"\(value)\"")
            case .json: "\(text.isEmpty ? "{" : ",")\"\(key)\":\"\(value)\""
            }
        // Two bytes for the closing brace and the end of the line.
        guard
            prefix.utf8.count + text.utf8.count + field.utf8.count + 2
                <= LineLogHandler.maximumLineBytes
        else { return }
        text += field
    }

    /// The whole line with its line feed.
    var ended: String { prefix + text + (format == .json ? "}\n" : "\n") }

    /// A key with everything but `A-Z a-z 0-9 _ . -` replaced.
    private static func safeKey(_ key: String) -> String {
        func isAllowed(_ byte: UInt8) -> Bool {
            byte.isDigit || byte.isLetter || "_.-".utf8.contains(byte)
        }
        let bytes = key.utf8.prefix(64).map { isAllowed($0) ? $0 : UInt8(ascii: "_") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value escaped for a JSON string and cut to its limit, and whether it needs no quotes in
    /// logfmt.
    private static func escaped(_ value: String) -> (text: String, isPlain: Bool) {
        var text = ""
        var isPlain = !value.isEmpty
        var bytes = 0
        for scalar in value.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= LineLogHandler.maximumValueBytes else { return (text + "…", false) }
            text.append(jsonEscaped: scalar)
            isPlain = isPlain && scalar.isBare
        }
        return (text, isPlain)
    }
}

extension Unicode.Scalar {
    /// Whether it needs no quotes in logfmt: visible ASCII except `"`, `=` and the backslash.
    fileprivate var isBare: Bool {
        (0x21...0x7E).contains(value) && self != "\"" && self != "=" && self != "\\"
    }
}

extension Logger.Level {
    /// The priority of syslog(3) at the start of a line, as sd-daemon(3) describes it.
    fileprivate var priorityPrefix: String {
        switch self {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
