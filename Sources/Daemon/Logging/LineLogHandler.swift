import FoundationEssentials
import Logging
import Settings

/// Formats each record as one line and passes it to a writer.
///
/// Peers choose some values, so values are escaped and cut: no value can begin a line, end a field
/// or change the writing direction.
struct LineLogHandler: LogHandler {
    /// The longest value, message included, in bytes before escaping.
    static let maximumValueBytes = 512
    /// The longest line, in bytes with its line feed; fields that do not fit are left out.
    ///
    /// A pipe accepts this much atomically.
    static let maximumLineBytes = 4_096

    /// The level of the process, or the logger's own if that is more severe.
    var logLevel: Logger.Level {
        get { max(ownLevel ?? .trace, threshold.level) }
        set { ownLevel = newValue }
    }
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var ownLevel: Logger.Level?
    let threshold: LogThreshold
    let format: LogFormat
    let writer: LogWriter

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writer.write(line(of: event, at: .now))
    }

    /// The line of a record: time, level, message, then the metadata sorted by key.
    ///
    /// For the same key, the record's value overrides the handler's.
    func line(of event: LogEvent, at date: Date) -> String {
        let message = event.message.description
        var line = LogLine(
            format: format,
            hasPriority: writer.hasPriority,
            date: date,
            level: event.level,
            message: message
        )
        var fields = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { fields["error"] = "\(error)" }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line.add(key, value.description)
        }
        return line.ended
    }
}
