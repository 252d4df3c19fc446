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
        for item in (accept ?? "").utf8.split(separator: UInt8(ascii: ",")) {
            guard let range = MediaRange(item) else { continue }
            switch range.type {
            case "application/openmetrics-text" where range.accepts(version: "1.0.0"):
                openMetrics = max(openMetrics, range.quality)
            case "text/plain" where range.accepts(version: "0.0.4"):
                admit(3, range.quality)
            case "text/*":
                admit(2, range.quality)
            case "*/*":
                admit(1, range.quality)
            default:
                break
            }
        }
        self = openMetrics > 0 && openMetrics >= plain.quality ? .openMetrics : .prometheus
    }
}

/// One item of an `Accept` header; parameters other than `version` and `q` are ignored.
private struct MediaRange {
    /// In lower case.
    let type: String
    var version: String?
    /// 0...1; 1 if unsaid.
    var quality = 1.0

    /// Nil if the item has a `q` that is no number from 0 to 1.
    init?(_ item: Substring.UTF8View) {
        var parts = item.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map(trimmed)
        type = parts.removeFirst().lowercased()
        for part in parts {
            let pair = part.utf8.split(separator: UInt8(ascii: "="), maxSplits: 1).map(trimmed)
            guard pair.count == 2 else { continue }
            switch pair[0].lowercased() {
            case "q":
                guard let quality = Double(pair[1]), (0...1).contains(quality) else { return nil }
                self.quality = quality
            case "version":
                version = String(trimmed(pair[1].utf8, of: [UInt8(ascii: "\"")]))
            default:
                break
            }
        }
    }

    /// Whether a document of `version` is in the range.
    func accepts(version offered: String) -> Bool {
        version == nil || version == offered
    }
}

/// `text` without `bytes` at both ends.
private func trimmed(_ text: Substring.UTF8View, of bytes: [UInt8]) -> Substring {
    let start = text.drop(while: bytes.contains)
    return Substring(start.lastIndex { !bytes.contains($0) }.map { start[...$0] } ?? start)
}

/// `text` without blanks at both ends.
private func trimmed(_ text: Substring.UTF8View) -> Substring {
    trimmed(text, of: [UInt8(ascii: " "), UInt8(ascii: "\t")])
}
