import Testing

@testable import Federation

@Suite struct TRIEtaCapTests {
    /// One case of Fixtures/tri_eta_cap.json.
    struct Case: Decodable {
        struct Expected: Decodable {
            var etaCap: Double
        }

        var coherence: Double
        var expect: Expected
    }

    @Test func `the cap agrees with the vectors`() throws {
        let cases = try Vectors<Case>("tri_eta_cap").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let cap = try #require(TRIEtaCap().value(coherence: vector.coherence))
            #expect(agree(cap, vector.expect.etaCap), "case \(index)")
        }
    }

    @Test(
        arguments: [
            (-0.5, 0.08), (0.3, 0.08), (0.40, 0.08), (0.41, 0.082_222_222_222_222_21),
            (0.5, 0.102_222_222_222_222_21), (0.625, 0.13), (0.75, 0.157_777_777_777_777_8),
            (0.84, 0.177_777_777_777_777_76), (0.85, 0.18), (1.5, 0.18), (.nan, 0.08),
        ]
    )
    func `the cap is linear between its limits`(coherence: Double, expected: Double) throws {
        #expect(agree(try #require(TRIEtaCap().value(coherence: coherence)), expected))
    }

    @Test func `there is no cap without a coherence or when it is disabled`() {
        var cap = TRIEtaCap()
        #expect(cap.value(coherence: nil) == nil)
        cap.isEnabled = false
        #expect(cap.value(coherence: 0.5) == nil)
    }

    @Test func `the limits can be configured`() throws {
        var cap = TRIEtaCap()
        (cap.lowCoherence, cap.highCoherence, cap.lowCap, cap.highCap) = (0.2, 0.6, 0.1, 0.5)
        #expect(agree(try #require(cap.value(coherence: 0.3)), 0.2))
    }
}
