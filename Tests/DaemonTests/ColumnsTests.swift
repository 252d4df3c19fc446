import JSON
import TestSupport
import Testing

@testable import Pages

/// The widths of texts in a terminal, and numbers with fixed decimals.
struct ColumnsTests {
    @Test func `the width of every visible scalar is that of wcwidth(3)`() async throws {
        // One digit for each scalar: its width, or 9 if glibc does not know it.
        let script = """
            import ctypes
            libc = ctypes.CDLL(None)
            assert libc.setlocale(0, b"C.UTF-8")
            print("".join(str(libc.wcwidth(value) % 10) for value in range(0x40000)))
            """
        let python = try tool(named: "python3", package: "python3")
        let widths = Array(try await run(python, ["-c", script]).output.utf8)
        try #require(widths.count == 0x40001)
        var wrong: [String] = []
        var compared = 0
        for value in UInt32(0x20)...0x3FFFF {
            guard let scalar = UnicodeScalar(value), scalar.isVisible else { continue }
            let width = Int(widths[Int(value)] - 0x30)
            guard width < 9 else { continue }
            compared += 1
            if scalar.columns != width { wrong.append(String(value, radix: 16)) }
        }
        // A mark in Unicode 15, which glibc 2.36 has, and none in Swift's Unicode.
        #expect(wrong.filter { $0 != "1171e" } == [])
        #expect(compared > 100_000)
    }

    static let fits: [(text: String, width: Int, shown: String)] = [
        ("abc", 5, "abc  "), ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abc", 1, "…"), ("abc", 0, ""),
        ("", 2, "  "), ("節点", 4, "節点"), ("節点", 3, "節…"), ("節点", 2, "… "), ("a節", 2, "a…"),
        ("e\u{301}\u{302}f", 2, "e\u{301}\u{302}f"), ("e\u{301}fg", 2, "e\u{301}…"),
        ("🛰x", 3, "🛰x "),
    ]

    @Test(arguments: fits.indices)
    func `a text is padded or cut to exactly a width`(index: Int) {
        let (text, width, shown) = Self.fits[index]
        #expect(text.fitted(to: width) == shown)
        #expect(text.fitted(to: width).columns == width)
    }

    static let cuts: [(text: String, width: Int, shown: String)] = [
        ("paris-rack-1", 12, "paris-rack-1"), ("paris-rack-1", 7, "par…k-1"),
        ("paris-rack-1", 2, "p…"), ("paris-rack-1", 1, "…"), ("paris-rack-1", 0, ""),
        ("節点節点", 7, "節点…点"), ("節点節点", 5, "節…点"),
        ("節点節点", 4, "節…"), ("abcde\u{301}", 3, "a…e\u{301}"), ("abce\u{301}\u{302}", 2, "a…"),
    ]

    @Test(arguments: cuts.indices)
    func `a long name is cut in its middle`(index: Int) {
        let (text, width, shown) = Self.cuts[index]
        #expect(text.cutInMiddle(to: width).replacing(" ", with: "") == shown)
        #expect(text.cutInMiddle(to: width).columns <= width)
    }

    @Test func `numbers are aligned at the right`() {
        #expect("1.0".fitted(to: 6, fromRight: true) == "   1.0")
        #expect("1234567".fitted(to: 6, fromRight: true) == "12345…")
    }

    @Test func `a long line is wrapped at blanks, and further lines are indented`() {
        let text = "  one two three four five"
        #expect(text.wrapped(to: 16) == ["  one two three", "    four five"])
        #expect(text.wrapped(to: 80) == [text])
        #expect(text.wrapped(to: 8) == ["  one t…"])
        let word = String(repeating: "x", count: 30)
        #expect("a \(word)".wrapped(to: 20) == ["a", "  " + word.prefix(17) + "…"])
        #expect("".wrapped(to: 3) == [""])
    }

    @Test func `a pile of marks, or a mark without a character, is replaced`() {
        let pile = "z\u{301}\u{302}\u{303}\u{304}"
        #expect(pile.printable(upTo: 64) == "z\u{301}\u{302}\u{FFFD}\u{304}")
        #expect("\u{301}a".printable(upTo: 64) == "\u{FFFD}a")
    }

    @Test func `columns with wide characters are aligned`() {
        var table = TextTable(header: ["peer", "state"])
        table.add(["節点", "up"])
        table.add(["e\u{301}", "up"])
        #expect(table.text == "peer  state\n節点  up\ne\u{301}     up")
    }

    static let numbers: [(number: Double, decimals: Int, text: String)] = [
        (0, 2, "0.00"), (0.5, 2, "0.50"), (0.996, 2, "1.00"), (-0.25, 1, "-0.3"),
        (-0.001, 2, "0.00"),
        (1234.5678, 1, "1234.6"), (12, 0, "12"), (1e300, 2, "1e+300"), (.infinity, 2, "inf"),
    ]

    @Test(arguments: numbers.indices)
    func `a number has fixed decimals`(index: Int) {
        let (number, decimals, text) = Self.numbers[index]
        #expect(number.fixed(decimals) == text)
    }
}
