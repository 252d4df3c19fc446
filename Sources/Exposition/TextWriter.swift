/// A document while it grows: bytes are appended where they belong, no line is a string first.
struct TextWriter {
    let format: TextFormat
    var bytes: [UInt8] = []

    init(_ format: TextFormat) {
        self.format = format
    }

    /// HELP, TYPE and every series of `family`, or nothing if it has none.
    mutating func write(_ family: MetricFamily) {
        guard family.lineCount > 0 else { return }
        let isOpenMetrics = format == .openMetrics
        let hasTotal = family.name.hasSuffix("_total")
        switch family.series {
        case .gauge(let samples):
            writeHead(family, family.name[...], "gauge")
            write(samples, family.name)
        case .counter(let samples) where isOpenMetrics && hasTotal:
            writeHead(family, family.name.dropLast("_total".count), "counter")
            write(samples, family.name)
        case .counter(let samples):
            writeHead(family, family.name[...], isOpenMetrics ? "unknown" : "counter")
            write(samples, family.name)
        case .unknown(let samples):
            writeHead(family, family.name[...], isOpenMetrics ? "unknown" : "untyped")
            write(samples, family.name)
        case .histogram(let samples):
            writeHead(family, family.name[...], "histogram")
            write(samples, family.name)
        }
    }

    private mutating func writeHead(
        _ family: MetricFamily,
        _ name: Substring,
        _ type: StaticString
    ) {
        bytes += "# HELP ".utf8
        bytes += name.utf8
        bytes.append(space)
        bytes.append(escaping: family.help, quotes: format == .openMetrics)
        bytes += "\n# TYPE ".utf8
        bytes += name.utf8
        bytes.append(space)
        bytes += type.description.utf8
        bytes.append(newline)
    }

    private mutating func write(_ samples: [MetricSample], _ name: String) {
        let nameBytes = Array(name.utf8)
        for sample in samples.inOrder {
            bytes += nameBytes
            write(sample.labels)
            bytes.append(number: sample.value)
            bytes.append(newline)
        }
    }

    private mutating func write(_ samples: [HistogramSample], _ name: String) {
        for sample in samples.inOrder {
            var below = 0
            for (bound, count) in zip(sample.upperBounds + [.infinity], sample.counts) {
                below += count
                bytes += "\(name)_bucket".utf8
                write(sample.labels, bound: bound)
                bytes.append(number: Double(below))
                bytes.append(newline)
            }
            bytes += "\(name)_sum".utf8
            write(sample.labels)
            bytes.append(number: sample.sum)
            bytes += "\n\(name)_count".utf8
            write(sample.labels)
            bytes.append(number: Double(below))
            bytes.append(newline)
        }
    }

    /// The labels in braces, if there are any, and the space before the value.
    ///
    /// A bound is spelled with its fraction ("1.0") in both formats: it is text to Prometheus, and
    /// a series must not change its name with the format that was negotiated.
    private mutating func write(_ labels: [Label], bound: Double? = nil) {
        var opening = UInt8(ascii: "{")
        for label in labels {
            bytes.append(opening)
            bytes += label.name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes.append(quote)
            bytes.append(escaping: label.value, quotes: true)
            bytes.append(quote)
            opening = UInt8(ascii: ",")
        }
        if let bound {
            bytes.append(opening)
            bytes += "le=\"".utf8
            bytes += bound.isInfinite ? "+Inf".utf8 : bound.description.utf8
            bytes.append(quote)
        }
        if !labels.isEmpty || bound != nil {
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(space)
    }
}

private let space = UInt8(ascii: " ")
private let newline = UInt8(ascii: "\n")
private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")

extension Array where Element: Labelled {
    /// The series by their labels; sameness is that of the bytes, as Prometheus sees it.
    fileprivate var inOrder: [Element] {
        sorted(
            by: { $0.labels.lexicographicallyPrecedes($1.labels) },
            sameWhen: { left, right in
                left.labels.elementsEqual(right.labels) {
                    $0.name == $1.name && $0.value.utf8.elementsEqual($1.value.utf8)
                }
            }
        )
    }
}

extension [UInt8] {
    /// Appends `text` with a backslash before line ends, backslashes and, if asked, quotes.
    fileprivate mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case newline:
                append(backslash)
                append(UInt8(ascii: "n"))
            case backslash,
                quote where quotes:
                append(backslash)
                append(byte)
            default:
                append(byte)
            }
        }
    }

    /// Appends the shortest text that reads back as the same double; whole numbers without a point.
    fileprivate mutating func append(number: Double) {
        if number.isNaN {
            self += "NaN".utf8
        } else if number.isInfinite {
            self += (number < 0 ? "-Inf" : "+Inf").utf8
        } else if let whole = Int(exactly: number), abs(whole) < 1 << 53 {
            self += String(whole).utf8
        } else {
            self += number.description.utf8
        }
    }
}
