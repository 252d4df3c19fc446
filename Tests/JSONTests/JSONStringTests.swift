import Testing

@testable import JSON

/// Strings, compared with the standard library's reading of the same bytes.
struct JSONStringTests {
    @Test(arguments: [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83c\udf31\uD83C\uDF31""#, "🌱🌱"),
        (#""\uD7FF\uE000\uFFFF""#, "\u{D7FF}\u{E000}\u{FFFF}"),
        (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"), ("\"é€🌱\u{7F}\"", "é€🌱\u{7F}"),
    ])
    func `escapes are decoded`(source: String, expected: String) throws {
        #expect(try read(Array(source.utf8)) == expected)
    }

    @Test(arguments: [
        (#""\x""#, JSONFault(.invalidEscape, at: 1)),
        (#""\U0041""#, JSONFault(.invalidEscape, at: 1)),
        (#""\u12g4""#, JSONFault(.invalidEscape, at: 5)),
        (#""\u１２３４""#, JSONFault(.invalidEscape, at: 3)),
        (#""a\ud83c""#, JSONFault(.loneSurrogate, at: 2)),
        (#""\udf31""#, JSONFault(.loneSurrogate, at: 1)),
        (#""\ud83c\n""#, JSONFault(.loneSurrogate, at: 1)),
        (#""\ud83c\ud83c""#, JSONFault(.loneSurrogate, at: 1)),
        (#""\ud83c\u0041""#, JSONFault(.loneSurrogate, at: 1)),
        ("\"\n\"", JSONFault(.controlCharacter, at: 1)),
        ("\"a", JSONFault(.truncated, at: 2)), ("\"\\", JSONFault(.truncated, at: 2)),
        ("\"\\u00", JSONFault(.truncated, at: 5)),
    ])
    func `a fault in a string is reported at its position`(source: String, fault: JSONFault) {
        #expect(throws: fault) { try read(Array(source.utf8)) }
    }

    @Test func `the reader and the standard library accept the same UTF-8`() {
        // All first bytes, followed by the bytes at the limits of the relevant ranges.
        let edges: [UInt8] = [0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for first in 0x80...0xFF as ClosedRange<UInt8> {
            for second in edges {
                for third in edges {
                    for fourth in edges {
                        let content = [first, second, third, fourth]
                        let expected = String(validating: content, as: UTF8.self)
                        let found = try? read([0x22] + content + [0x22])  // nil if refused
                        #expect(found == expected, "\(content)")
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            ("gamma", 0x61_6D6D_6167), (#"\u0067amm\u0061"#, 0x61_6D6D_6167), ("", 0), ("g", 0x67),
            (#"\u0000gamma"#, nil), ("gamm\u{E1}", nil), ("stability_margins", nil),
            ("stability_margin", 0x6E69_6772_616D_5F79_7469_6C69_6261_7473),
            (#"stability_margi\u006E"#, 0x6E69_6772_616D_5F79_7469_6C69_6261_7473),
            ("progress", 0x7373_6572_676F_7270), ("stability", 0x79_7469_6C69_6261_7473),
            (#"\u0073tability_margins"#, nil), (#"gam\u0000ma"#, nil),
        ] as [(String, UInt128?)]
    )
    func `a short key is the number of its decoded characters`(key: String, number: UInt128?) throws
    {
        let source = Array("\"\(key)\"".utf8)
        var index = 0
        let found = try JSON.string(source.span, &index)
        #expect(try JSON.shortKey(source.span, found) == number)
    }

    /// Skipping eight bytes at a time must stop at the same byte as reading them one by one.
    @Test func `every special byte is found at every position in a word`() {
        for filler in [0x20, 0x5B, 0x7E] as [UInt8] {
            for place in 0...17 {
                for tail in [0, 1, 7, 8, 9] {
                    for byte in UInt8.min...UInt8.max {
                        let before = [0x22] + [UInt8](repeating: filler, count: place)
                        let after = [UInt8](repeating: filler, count: tail)
                        expectEnd(of: before, byte, after + [0x22])
                        expectEnd(of: before, byte, after)
                    }
                }
            }
        }
    }

    /// Expects reading to end where the single bytes require it.
    private func expectEnd(of before: [UInt8], _ byte: UInt8, _ after: [UInt8]) {
        let source = before + [byte] + after
        var index = 0
        let found = Result { () throws(JSONFault) in
            try JSON.string(source.span, &index).content
        }
        let expected: Result<Range<Int>, JSONFault>
        switch byte {
        case ..<0x20: expected = .failure(JSONFault(.controlCharacter, at: before.count))
        case 0x22: expected = .success(1..<before.count)
        // No filler may follow a backslash or the first byte of a longer character. Only the
        // closing quote may follow a backslash, and then nothing closes the string.
        case 0x5C, 0x80...:
            if case .failure = found { return }
            Issue.record("\(source)")
            return
        default:
            expected =
                after.last == 0x22
                ? .success(1..<(source.count - 1))
                : .failure(JSONFault(.truncated, at: source.count))
        }
        if found != expected { Issue.record("\(source)") }
    }

    @Test func `a quoted string reads back unchanged`() throws {
        let text = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init)))
        let quoted = text.quotedAsJSON
        #expect(try read(Array(quoted.utf8)) == text)
        #expect(quoted.utf8.allSatisfy { $0 >= 0x20 })
    }

    /// The decoded string; `source` must contain nothing else.
    private func read(_ source: [UInt8]) throws(JSONFault) -> String {
        var index = 0
        let content = try JSON.string(source.span, &index).content
        guard index == source.count else { throw JSONFault(.trailingBytes, at: index) }
        var text = String.UnicodeScalarView()
        index = content.lowerBound
        while index < content.upperBound { text.append(try JSON.scalar(source.span, &index)) }
        return String(text)
    }
}
