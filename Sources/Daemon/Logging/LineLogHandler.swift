import FoundationEssentials
package import Logging
import Settings

/// Formats each record as one line and passes it to a writer.
///
/// A line is at most 4,096 bytes, which a pipe accepts atomically. Peers choose some values, so
/// values are escaped and cut: no value can begin a line, end a field, or change the writing
/// direction.
package struct LineLogHandler: LogHandler {
    /// The longest value, message included, in bytes before escaping.
    static let maximumValueBytes = 512
    /// The longest line, in bytes with its end; fields that do not fit are left out.
    static let maximumLineBytes = 4_096

    /// The level of the process, or the logger's own if that is more severe.
    package var logLevel: Logger.Level {
        get { max(ownLevel ?? .trace, threshold.level) }
        set { ownLevel = newValue }
    }
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private var ownLevel: Logger.Level?
    private let threshold: LogThreshold
    private let format: LogFormat
    private let writer: LogWriter

    init(threshold: LogThreshold, format: LogFormat, writer: LogWriter) {
        self.threshold = threshold
        self.format = format
        self.writer = writer
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        writer.write(line(of: event, at: .now))
    }

    /// The line of a record: time, level, message, then the metadata by key, the record's own
    /// before the handler's.
    func line(of event: LogEvent, at date: Date) -> String {
        var line = LogLine(
            format: format,
            date: date,
            level: event.level,
            message: event.message.description
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
