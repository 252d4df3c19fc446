/// Appends series to a growing document without a string for each line.
package struct SeriesWriter {
    var bytes: [UInt8] = []
    /// The name of the current family.
    var name: [UInt8] = []

    /// Adds a series with any double as its value; `more` follows the first labels.
    package mutating func add(_ labels: Labels? = nil, _ more: Labels? = nil, value: Double) {
        bytes += name
        if let labels {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels.bytes
            if let more {
                bytes.append(UInt8(ascii: ","))
                bytes += more.bytes
            }
            bytes.append(UInt8(ascii: "}"))
        }
        add(value)
    }

    /// Adds a histogram; `buckets` follow the name, `counts` are not cumulative.
    mutating func add(_ buckets: [[UInt8]], counts: [Int], sum: Double) {
        precondition(
            counts.count == buckets.count,
            "A histogram must have one count more than bounds."
        )
        var below = 0
        for (bucket, count) in zip(buckets, counts) {
            below += count
            bytes += name
            bytes += bucket
            add(Double(below))
        }
        bytes += name
        bytes += "_sum".utf8
        add(sum)
        bytes += name
        bytes += "_count".utf8
        add(Double(below))
    }

    /// Ends a line with a value: the shortest text of the double, whole numbers without a point.
    private mutating func add(_ value: Double) {
        bytes.append(UInt8(ascii: " "))
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
            if 0...9 ~= whole {
                bytes.append(UInt8(ascii: "0") + UInt8(whole))
            } else {
                bytes += String(whole).utf8
            }
        } else if value.isNaN {
            bytes += "NaN".utf8
        } else if value.isInfinite {
            bytes += (value < 0 ? "-Inf" : "+Inf").utf8
        } else {
            bytes += value.description.utf8
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}
