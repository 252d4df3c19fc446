import Federation
import Testing

@testable import JSON

/// The descriptions of faults, and where reading stops.
struct FaultTests {
    @Test(arguments: Summary.Field.allCases)
    func `a fault names its field and its rule`(field: Summary.Field) {
        let faults: [SummaryFault] = [
            .missingField(field), .wrongType(field, found: .boolean), .outOfRange(field),
            .outOfRange(field, value: -1.797e308),
        ]
        for fault in faults {
            #expect(fault.description.contains(field.path))
            #expect(fault.description.contains(field.rule.rawValue))
        }
    }

    @Test(arguments: JSONFault.Rule.allCases)
    func `a JSON fault names its rule and its byte`(rule: JSONFault.Rule) {
        let fault = SummaryFault.notJSON(JSONFault(rule, at: 1_048_576))
        #expect(fault.description.contains(rule.rawValue))
        #expect(fault.description.contains("1048576"))
    }

    @Test(arguments: Example.invalid)
    func `a description is one short line of ASCII, whatever the body`(example: Example) {
        let fault = #expect(throws: SummaryFault.self) { try Summary(decoding: example.body) }
        let description = fault?.description.utf8 ?? "".utf8
        #expect((20...200).contains(description.count))
        #expect(description.allSatisfy { (0x20..<0x7F).contains($0) })
    }

    @Test func `a fault contains a value that is out of range`() throws {
        let body = try Self.body.replacing(#""gamma":0.7"#, with: #""gamma":1.2"#)
        let fault = #expect(throws: SummaryFault.self) { try Summary(decoding: Array(body.utf8)) }
        #expect(fault?.description == "metrics.gamma must be a number from 0 to 1, not 1.2")
    }

    @Test func `of several faults the first in the contract's order is reported`() throws {
        let body = try Self.body.replacing(#""g_star":0.3"#, with: #""g_star":7"#)
            .replacing(#""novelty":0.0,"#, with: "")
            .replacing(#""gamma":0.7"#, with: #""gamma":"""#)
        #expect(Verdict.of(Array(body.utf8)) == "wrong_type metrics.gamma")
    }

    // The reader's index only grows, and it stops at the fault. So refusing a body never costs more
    // than reading it up to that byte.

    @Test func `an invalid byte ends reading at its position`() throws {
        let body = Array(try Self.body.utf8)
        for offset in body.indices {
            var body = body
            body[offset] = 0xFF
            let fault = #expect(throws: SummaryFault.self) { try Summary(decoding: body) }
            guard case .notJSON(let found) = fault else { throw try #require(fault) }
            #expect(found.offset == offset)
        }
    }

    @Test func `a truncated body is refused at its end`() throws {
        let body = Array(try Self.body.utf8)
        for length in 1..<body.count {
            let cut = Array(body[..<length])
            #expect(throws: SummaryFault.notJSON(JSONFault(.truncated, at: length))) {
                try Summary(decoding: cut)
            }
        }
    }

    @Test(arguments: ["[", "{\"a\":"])
    func `a body nested ten thousand deep is refused at its 33rd level`(level: String) {
        let body = Array(String(repeating: level, count: 10_000).utf8)
        let offset = 32 * level.utf8.count
        #expect(throws: SummaryFault.notJSON(JSONFault(.tooDeep, at: offset))) {
            try Summary(decoding: body)
        }
    }

    @Test func `a duplicate key is refused at the second key`() {
        let body = #"{"ts":1,"ts":"# + String(repeating: "[", count: 60_000)
        #expect(throws: SummaryFault.notJSON(JSONFault(.duplicateKey, at: 9))) {
            try Summary(decoding: Array(body.utf8))
        }
    }

    /// The simplest of the valid examples.
    private static var body: String {
        get throws {
            let example = try #require(Example.valid.first { $0.name == "own_summary.json" })
            return String(decoding: example.body, as: UTF8.self)
        }
    }
}
