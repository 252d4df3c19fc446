import Testing

@testable import JSON

/// The grammar and the values of numbers.
struct JSONNumberTests {
    @Test(arguments: [
        "0", "-0", "1", "9007199254740992", "9007199254740993", "0.1", "0.7", "1e22", "1e23",
        "1E-22",
        "123456789012345678", "12345678901234567890", "0.00000000000000000000001", "100e-2",
        "8.5e+3", "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9e-324", "2.4e-324",
        "2.5e-324", "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "1e-400",
        "3.1720657846433055e-16", "0.9999999934889575", "1795333008.0020149", "6.02214076e23",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
    ])
    func `a number is read as the nearest double`(text: String) throws {
        #expect(try read(text) == Double(text))
    }

    @Test func `numbers of up to forty digits are read as the nearest double`() throws {
        var state: UInt64 = 1
        for count in 1...40 {
            for exponent in stride(from: -340, through: 320, by: 4) {
                let digits = (0..<count)
                    .map { _ in
                        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                        return "\(state >> 33 % 10)"
                    }
                let text = "\(count % 10).\(digits.joined())e\(exponent)"
                #expect(try read(text) == Double(text), "\(text)")
            }
        }
    }

    @Test func `numbers without an exponent are read as the nearest double`() throws {
        var state: UInt64 = 1
        for count in 1...24 {
            for decimals in 0...count {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let digits = (0..<count).map { "\((state >> (2 * $0)) % 10)" }
                let fraction = digits.suffix(decimals).joined()
                let point = fraction.isEmpty ? "" : "."
                for whole in ["0", "-0", "7\(digits.dropLast(decimals).joined())"] {
                    let text = whole + point + fraction
                    #expect(try read(text) == Double(text), "\(text)")
                }
            }
        }
    }

    @Test(arguments: [
        ("0", true), ("-0", true), ("0.7", true), ("1795333008.125", true),
        ("0.00000000000000001", true), ("9007199254740992", true), ("9007199254740993", false),
        ("0.000000000000000001", false), ("12345678901234567890", false), ("1e9", false),
    ])
    func `a number that one operation gives is computed while it is read`(
        text: String,
        isSeen: Bool
    )
        throws
    {
        let bytes = Array(text.utf8)
        var index = 0
        let number = try JSON.value(bytes.span, &index, depth: 0).number
        #expect(number == (isSeen ? Double(text) : nil))
    }

    @Test func `the last of 64 bytes can decide how a number is rounded`() throws {
        let half = "1.00000000000000011102230246251565404236316680908203125"
        let zeros = String(repeating: "0", count: 63 - half.utf8.count)
        #expect(try read(half + zeros + "0") == 1)
        #expect(try read(half + zeros + "1") == 1.0.nextUp)
    }

    @Test func `leading zeros and a large exponent compensate each other`() throws {
        let zeros = String(repeating: "0", count: 50)
        #expect(try read("0.\(zeros)25e50") == 0.25)
        #expect(try read("25\(zeros)e-52") == 0.25)
        #expect(try read("0.0e999999999999999999999999") == 0)
        #expect(try read("1e999999999999999999999999") == .infinity)
        #expect(try read("-1e-999999999999999999999999") == 0)
    }

    @Test(arguments: ["7", "0.", "-0.", "1e", "-1e-", "7E+"])
    func `a number of 65 bytes is refused at its start`(start: String) throws {
        let digits = String(repeating: "1", count: 64 - start.utf8.count)
        #expect(try read(start + digits) == Double(start + digits))
        #expect(throws: JSONFault(.longNumber, at: 0)) { try read(start + digits + "1") }
        let bytes = Array("[0, \(start + digits)1]".utf8)
        var index = 0
        #expect(throws: JSONFault(.longNumber, at: 4)) {
            try JSON.value(bytes.span, &index, depth: 0)
        }
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e1", "1e", "1e+", "1E-", "0x10", "1_000",
        "--1", "1e1.5", "1,5", "Infinity", "-Infinity", "NaN", "١",
    ])
    func `a text outside the grammar of numbers is refused`(text: String) {
        #expect(throws: JSONFault.self) { try read(text) }
    }

    @Test func `minus zero keeps its sign`() throws {
        #expect(try read("-0").sign == .minus)
        #expect(try read("-0.0e5").sign == .minus)
    }

    /// The value of `text`, which must be exactly one number.
    private func read(_ text: String) throws(JSONFault) -> Double {
        let bytes = Array(text.utf8)
        var index = 0
        let value = try JSON.value(bytes.span, &index, depth: 0)
        guard value.kind == .number, index == bytes.count else {
            throw JSONFault(.trailingBytes, at: index)
        }
        var unseen = value
        unseen.number = nil
        let number = JSON.double(unseen, bytes.span)
        if let seen = value.number { #expect(seen.bitPattern == number.bitPattern) }
        return number
    }
}
