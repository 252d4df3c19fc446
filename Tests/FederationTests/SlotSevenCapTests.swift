import Testing

@testable import Federation

@Suite struct SlotSevenCapTests {
    /// One case of Fixtures/slot07_jobs.json.
    struct Case: Decodable {
        struct Expected: Decodable {
            var jobs: Int
            var reason: Int
        }

        var stabilityMargin: Double?
        var frozen: Bool
        var baseline: Int
        var reduced: Int
        var frozenJobs: Int
        var expect: Expected
    }

    @Test func `jobs and reason agree with the vectors`() throws {
        let cases = try Vectors<Case>("slot07_jobs").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let cap = SlotSevenCap(
                margin: vector.stabilityMargin,
                isFrozen: vector.frozen,
                limits: .of(vector.baseline, vector.frozenJobs, vector.reduced)
            )
            #expect(cap.jobs == vector.expect.jobs, "case \(index)")
            #expect(cap.reason.rawValue == vector.expect.reason, "case \(index)")
        }
    }

    /// The configured baseline, frozen and reduced jobs, and the resulting frozen and reduced jobs.
    @Test(
        arguments: [
            (16, 2, 6, 2, 6), (10, 8, 12, 5, 9), (32, 4, 12, 4, 12), (2, 2, 2, 1, 2),
            (3, 5, 9, 1, 2), (1, 1, 1, 1, 2),
        ]
    )
    func `reduced jobs exceed frozen jobs`(
        baseline: Int,
        frozen: Int,
        reduced: Int,
        frozenJobs: Int,
        reducedJobs: Int
    ) {
        let limits = SlotSevenCap.Limits.of(baseline, frozen, reduced)
        #expect(limits.frozenJobs == frozenJobs)
        #expect(limits.reducedJobs == reducedJobs)
    }

    @Test(
        arguments: [
            (nil, false, 16, .baseline), (0.08, false, 16, .baseline), (0.05, false, 16, .baseline),
            (0.0499, false, 2, .frozen), (0.03, false, 2, .frozen), (0.01, false, 2, .frozen),
            (0.10, true, 2, .frozen), (nil, true, 2, .frozen), (-0.05, false, 2, .frozen),
        ] as [(Double?, Bool, Int, SlotSevenCap.Reason)]
    )
    func `a frozen governor and a small margin freeze jobs`(
        margin: Double?,
        isFrozen: Bool,
        jobs: Int,
        reason: SlotSevenCap.Reason
    ) {
        let cap = SlotSevenCap(margin: margin, isFrozen: isFrozen, limits: .init())
        #expect(cap.jobs == jobs)
        #expect(cap.reason == reason)
    }

    @Test func `jobs are reduced if the freeze margin is lower`() {
        var limits = SlotSevenCap.Limits()
        limits.freezeMargin = 0.015
        let margins = [0.0149, 0.015, 0.0299, 0.03]
        let caps = margins.map { SlotSevenCap(margin: $0, isFrozen: false, limits: limits) }
        #expect(caps.map(\.jobs) == [2, 6, 6, 16])
        #expect(caps.map(\.reason.rawValue) == [2, 1, 1, 0])
    }
}

extension SlotSevenCap.Limits {
    fileprivate static func of(_ baseline: Int, _ frozen: Int, _ reduced: Int) -> Self {
        var limits = Self()
        (limits.baseline, limits.frozen, limits.reduced) = (baseline, frozen, reduced)
        return limits
    }
}
