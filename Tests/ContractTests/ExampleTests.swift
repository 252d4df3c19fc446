import Federation
import Testing

/// The examples of the contract, read by the decoder and validated by the schema.
struct ExampleTests {
    @Test(arguments: Example.valid)
    func `a valid example is accepted`(example: Example) throws {
        _ = try Summary(decoding: example.body)
    }

    @Test(arguments: Example.invalid)
    func `an invalid example is refused for the reason in its name`(example: Example) {
        let fault = #expect(throws: SummaryFault.self) { try Summary(decoding: example.body) }
        #expect(fault?.reason.rawValue == example.reason)
    }

    @Test func `schema and decoder agree on every example`() throws {
        let examples = Example.valid + Example.invalid
        let verdicts = try Oracle.verdicts(on: examples.map(\.body))
        try #require(verdicts.count == examples.count)
        for (example, verdict) in zip(examples, verdicts) {
            #expect(verdict == Verdict.of(example.body), "\(example)")
        }
    }

    @Test func `the schema of a stored sample accepts and refuses its examples`() throws {
        let examples = Example.validSamples + Example.invalidSamples
        let verdicts = try Oracle.verdicts(
            on: examples.map(\.body),
            schema: "peer_sample@1.yaml"
        )
        try #require(verdicts.count == examples.count)
        for (index, example) in examples.enumerated() {
            let isValid = index < Example.validSamples.count
            let reason = verdicts[index].prefix { $0 != " " }
            #expect(reason == (isValid ? "valid" : example.reason), "\(example)")
        }
    }

    @Test func `there are many examples, and some for every reason`() {
        #expect(Example.valid.count >= 12)
        #expect(Example.invalid.count >= 50)
        let reasons = Set(Example.invalid.map(\.reason))
        let all = FailureReason.allCases.filter { $0.errorType == .validation }
        #expect(reasons == Set(all.map(\.rawValue)))
    }

    @Test func `the letters are read as the long names`() throws {
        let letters = try #require(Example.valid.first { $0.name == "seed_letters.json" })
        let mixed = try #require(Example.valid.first { $0.name == "words_win_over_letters.json" })
        let expected = Components(progress: 0.1, novelty: 0.2, consistency: 0.9)
        #expect(try Summary(decoding: letters.body).metrics.components == expected)
        #expect(try Summary(decoding: mixed.body).metrics.components == expected)
    }
}
