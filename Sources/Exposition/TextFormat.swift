/// The two texts that Prometheus reads.
package enum TextFormat: String, CaseIterable, Sendable {
    /// The Prometheus text format 0.0.4, which everything reads.
    case prometheus = "text/plain; version=0.0.4; charset=utf-8"
    /// OpenMetrics 1.0.
    case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// The value of the `Content-Type` header.
    package var contentType: String { rawValue }

    /// The families as one document, sorted by name and each by its labels; one without series is
    /// left out.
    ///
    /// Families and series that come sorted are not sorted again: the check is one comparison each.
    /// Traps on two families of one name, or two series with the same labels.
    package func render(_ families: [MetricFamily]) -> [UInt8] {
        let bytesPerLine = 96
        var text = TextWriter(self)
        text.bytes.reserveCapacity(families.reduce(8) { $0 + $1.lineCount * bytesPerLine })
        for family in families.sorted(by: { $0.name < $1.name }, sameWhen: { $0.name == $1.name }) {
            text.write(family)
        }
        if self == .openMetrics {
            text.bytes += "# EOF\n".utf8
        }
        return text.bytes
    }
}

extension Array {
    /// The elements in rising order; the array itself if it is in order already.
    ///
    /// Traps on two elements that are the same, because a scrape with such a pair is refused whole.
    func sorted(
        by precedes: (Element, Element) -> Bool,
        sameWhen isSame: (Element, Element) -> Bool
    ) -> [Element] {
        if zip(self, dropFirst()).allSatisfy(precedes) { return self }
        let ordered = sorted(by: precedes)
        for (left, right) in zip(ordered, ordered.dropFirst()) {
            precondition(!isSame(left, right), "Exposed twice: \(left)")
        }
        return ordered
    }
}
