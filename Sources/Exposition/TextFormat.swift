/// The two text formats that Prometheus reads.
package enum TextFormat: String, CaseIterable, Sendable {
    /// The Prometheus text format 0.0.4, which all consumers read.
    case prometheus = "text/plain; version=0.0.4; charset=utf-8"
    /// OpenMetrics 1.0.
    case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// The value of the `Content-Type` header.
    package var contentType: String { rawValue }

    /// The best format for a request with this `Accept` header.
    ///
    /// Clients that accept OpenMetrics, in version 1.0.0 or without a version, and do not prefer
    /// plain text get OpenMetrics. All others get plain text, even those that accept neither,
    /// because a readable scrape is more useful than a 406.
    package init(accept: String?) {
        var openMetrics = 0.0
        /// The most specific range that matches plain text decides.
        var plain: (specificity: Int, quality: Double) = (0, 0)
        func admit(_ specificity: Int, _ quality: Double) {
            if plain < (specificity, quality) { plain = (specificity, quality) }
        }
        // Bytes, because strings would cost more than a short page.
        var items = Array((accept ?? "").utf8)[...]
        while let item = items.cut(at: UInt8(ascii: ",")) {
            guard let range = MediaRange(item) else { continue }
            if range.type.isEqual(to: "application/openmetrics-text") {
                if range.accepts(version: "1.0.0") { openMetrics = max(openMetrics, range.quality) }
            } else if range.type.isEqual(to: "text/plain") {
                if range.accepts(version: "0.0.4") { admit(3, range.quality) }
            } else if range.type.isEqual(to: "text/*") {
                admit(2, range.quality)
            } else if range.type.isEqual(to: "*/*") {
                admit(1, range.quality)
            }
        }
        self = openMetrics > 0 && openMetrics >= plain.quality ? .openMetrics : .prometheus
    }
}

/// One item of an `Accept` header; parameters other than `version` and `q` are ignored.
private struct MediaRange {
    let type: ArraySlice<UInt8>
    private var version: ArraySlice<UInt8>?
    /// 0...1; 1 if absent.
    private(set) var quality = 1.0

    /// Returns nil if `q` is not a number from 0 to 1.
    init?(_ item: ArraySlice<UInt8>) {
        var parts = item
        type = parts.cut(at: UInt8(ascii: ";")) ?? []
        while var value = parts.cut(at: UInt8(ascii: ";")) {
            guard let name = value.cut(at: UInt8(ascii: "=")), !value.isEmpty else { continue }
            value = value.trimmed { $0.isBlank }
            if name.isEqual(to: "q") {
                let text = String(decoding: value, as: UTF8.self)
                guard let quality = Double(text), (0...1).contains(quality) else { return nil }
                self.quality = quality
            } else if name.isEqual(to: "version") {
                version = value.trimmed { $0 == UInt8(ascii: "\"") }
            }
        }
    }

    /// Whether the range includes a document of `version`.
    func accepts(version offered: String) -> Bool {
        version?.isEqual(to: offered) ?? true
    }
}

extension ArraySlice<UInt8> {
    /// Removes and returns the text before the next `separator`, trimmed; nil at the end.
    fileprivate mutating func cut(at separator: UInt8) -> Self? {
        guard !isEmpty else { return nil }
        let end = firstIndex(of: separator) ?? endIndex
        defer { self = dropFirst(end + 1 - startIndex) }
        return self[..<end].trimmed { $0.isBlank }
    }

    /// The slice without the bytes at both ends that satisfy `isDropped`.
    fileprivate func trimmed(_ isDropped: (UInt8) -> Bool) -> Self {
        let start = drop(while: isDropped)
        return start.lastIndex { !isDropped($0) }.map { start[...$0] } ?? start
    }

    /// Compares with `text`, which must be lower case, ignoring case.
    fileprivate func isEqual(to text: String) -> Bool {
        elementsEqual(text.utf8) { $0 == $1 || $0.isCapital && $0 | 0x20 == $1 }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
