import TestSupport
import Testing

@testable import Federation
@testable import Timing

/// The timings and failures of recent pulls, as the window keeps them.
@Suite struct PullPhasesTests {
    private static func phases(_ ends: [Double]) -> PullPhases {
        PullPhases(
            Timings(
                dns: ends[0],
                connect: ends[1],
                tls: ends[2],
                firstByte: ends[3],
                total: ends[4]
            )
        )
    }

    /// When each part was complete, the stage of a failure, and the duration of each part.
    private static let cases: [(ends: [Double], last: PullStage, durations: [Double])] = [
        ([0.125, 0.25, 0.5, 1, 1.5], .body, [0.125, 0.125, 0.25, 0.5, 0.5]),
        // On a kept connection.
        ([0, 0, 0, 0.25, 0.5], .body, [0, 0, 0, 0.25, 0.25]),
        // No name and no TLS.
        ([0, 0.25, 0, 0.5, 0.5], .body, [0, 0.25, 0, 0.25, 0]),
        // A failure while connecting, before the first byte, and during the lookup.
        ([0.125, 0, 0, 0, 2.5], .connect, [0.125, 2.375, 0, 0, 0]),
        ([0, 0.25, 0, 0, 2.5], .firstByte, [0, 0.25, 0, 2.25, 0]),
        ([0, 0, 0, 0, 2.5], .dns, [2.5, 0, 0, 0, 0]),
        ([0, 0, 0, 0, 0], .body, [0, 0, 0, 0, 0]),
    ]

    @Test(arguments: cases.indices)
    func `the durations of the parts add up to the pull`(index: Int) {
        let (ends, last, durations) = Self.cases[index]
        let phases = Self.phases(ends)
        #expect(phases.durations(endingIn: last) == durations)
        #expect(phases.total ?? 0 == durations.reduce(0, +))
    }

    @Test(arguments: [0.000_05, 0.001, 0.0123, 1.5, 59.9, 3_600])
    func `a duration is kept to a thousandth`(seconds: Double) throws {
        let kept = try #require(Self.phases([0, 0, 0, 0, seconds]).total)
        #expect(abs(kept - seconds) <= seconds / 1_000)
    }

    @Test func `an infinite duration is unknown`() {
        #expect(Self.phases([0, 0, 0, 0, .infinity]).total == nil)
        #expect(PullPhases().total == nil)
    }

    @Test func `the window keeps why and when a pull failed, and the latency as it was`() throws {
        var ledger = Ledger.with(peers: 1)
        var failed = Observation.failed(0, at: 1)
        failed.outcome = .failure(Failure(.timedOut, stage: .tls))
        var held = Observation.good(0, at: 3, .from("x"))
        held.timings.wasHeldUp = true
        ledger.record(all: [failed, .good(0, at: 2, .from("x"), took: 0.1), held])
        let window = try #require(ledger[0]).window
        #expect(window.map(\.reason) == [.timedOut, nil, nil])
        #expect(window.map(\.stage) == [.tls, nil, nil])
        #expect(window.map(\.seconds) == [0.001, 0.1, nil])
        #expect(window.map { $0.sample == nil } == [true, false, false])
        #expect(window[2].phases.total.map { abs($0 - 0.1) < 0.001 } == true)
    }
}
