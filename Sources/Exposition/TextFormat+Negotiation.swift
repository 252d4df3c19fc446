extension TextFormat {
    /// The format that answers a request with this `Accept` header best.
    ///
    /// OpenMetrics is sent to those who name it, in version 1.0.0 or in any, and do not prefer
    /// plain text. All others get plain text, those too who accept neither: a scrape that can be
    /// read is worth more than a 406.
    package init(accept: String?) {
        var openMetrics = 0.0
        /// The most specific range that takes plain text decides.
        var plain: (specificity: Int, quality: Double) = (0, 0)
        func admit(_ specificity: Int, _ quality: Double) {
            if plain < (specificity, quality) { plain = (specificity, quality) }
        }
        // By its bytes, not by strings of its parts, which are dear beside so short a page.
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
    /// 0...1; 1 if unsaid.
    private(set) var quality = 1.0

    /// Nil if the item has a `q` that is no number from 0 to 1.
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

    /// Whether a document of `version` is in the range.
    func accepts(version offered: String) -> Bool {
        version?.isEqual(to: offered) ?? true
    }
}

extension ArraySlice<UInt8> {
    /// Takes away what stands before the next `separator`, and gives it without blanks around it;
    /// nil at the end.
    fileprivate mutating func cut(at separator: UInt8) -> Self? {
        guard !isEmpty else { return nil }
        let end = firstIndex(of: separator) ?? endIndex
        defer { self = dropFirst(end + 1 - startIndex) }
        return self[..<end].trimmed { $0.isBlank }
    }

    /// What is left without the bytes at both ends that are to be dropped.
    fileprivate func trimmed(_ isDropped: (UInt8) -> Bool) -> Self {
        let start = drop(while: isDropped)
        return start.lastIndex { !isDropped($0) }.map { start[...$0] } ?? start
    }

    /// Whether it is `text`, which is in lower case, in any case.
    fileprivate func isEqual(to text: String) -> Bool {
        elementsEqual(text.utf8) { $0 == $1 || $0.isCapital && $0 | 0x20 == $1 }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
