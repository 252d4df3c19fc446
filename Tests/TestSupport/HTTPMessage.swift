/// A request or response as received, parsed as far as tests need.
package struct HTTPMessage: Sendable {
    /// The first line.
    package let firstLine: String
    /// Names in lower case, in the order received.
    package let headers: [(name: String, value: String)]
    /// What follows the empty line, with chunks joined.
    package let body: [UInt8]
    /// The message as received.
    package let bytes: [UInt8]

    /// Nil while the head is not complete.
    package init?(_ bytes: [UInt8]) {
        guard let headEnd = Self.headEnd(bytes) else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        firstLine = lines.first.map(String.init) ?? ""
        headers = lines.dropFirst()
            .map { line in
                let pair = line.split(
                    separator: ":",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                let value = pair.count == 2 ? pair[1].drop { $0 == " " } : ""
                return (pair[0].lowercased(), String(value))
            }
        let rest = bytes[(headEnd + 4)...]
        let isChunked = headers.contains { $0.name == "transfer-encoding" && $0.value == "chunked" }
        body = isChunked ? Self.joinedChunks(rest) : Array(rest)
        self.bytes = bytes
    }

    /// The value of the first header of this name.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    /// The status of a response; 0 if there is none.
    package var status: Int {
        let words = firstLine.split(separator: " ")
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    /// The method of a request.
    package var method: String {
        firstLine.split(separator: " ").first.map(String.init) ?? ""
    }

    /// The target of a request, as sent.
    package var path: String {
        let words = firstLine.split(separator: " ")
        return words.count > 1 ? String(words[1]) : ""
    }

    /// The body as UTF-8.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The index at which the empty line after the headers begins.
    package static func headEnd(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...(bytes.count - mark.count))
            .first { start in
                bytes[start] == mark[0] && bytes[start..<(start + mark.count)].elementsEqual(mark)
            }
    }

    /// Joins the chunks of `rest`, up to the first incomplete one.
    private static func joinedChunks(_ rest: ArraySlice<UInt8>) -> [UInt8] {
        var rest = rest
        var whole: [UInt8] = []
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16),
            size > 0, rest.distance(from: lineEnd, to: rest.endIndex) >= size + 4
        {
            let start = lineEnd + 2
            whole += rest[start..<(start + size)]
            rest = rest[(start + size + 2)...]
        }
        return whole
    }
}
