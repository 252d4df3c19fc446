import Federation
import Testing

@testable import Timing

@Suite struct ContextTests {
    /// One case of Fixtures/context.json.
    struct Case: Decodable {
        struct Step: Decodable {
            struct Expected: Decodable {
                var context: String
                var g0: Double
            }

            var t: Double
            var livePeers: Int
            var expect: Expected
        }

        var mode: String
        var minPeers: Int
        var hysteresisS: Double
        var steps: [Step]
    }

    /// The vectors contain only the modes auto and solo, in which mode and state agree.
    ///
    /// In the forced mode federated, G0 follows the state here; a test below covers that.
    @Test func `the context agrees with the vectors`() throws {
        let cases = try Vectors<Case>("context").cases
        #expect(!cases.isEmpty)
        for (index, vector) in cases.enumerated() {
            let mode = try #require(Context.Mode(rawValue: vector.mode))
            var context = Context(
                mode: mode,
                minPeers: vector.minPeers,
                hysteresis: .seconds(vector.hysteresisS)
            )
            for step in vector.steps {
                context.observe(livePeers: step.livePeers, at: Instant(seconds: step.t))
                #expect(
                    context.state.rawValue == step.expect.context,
                    "case \(index), t \(step.t)"
                )
                #expect(context.state.g0 == step.expect.g0, "case \(index), t \(step.t)")
            }
        }
    }

    @Test func `it is solo before the first observation`() {
        let context = auto()
        #expect(context.state == .solo)
        #expect(context.state.g0 == 0.30)
    }

    @Test func `enough peers make it federated at once`() {
        var context = auto()
        context.observe(livePeers: 1, at: Instant(seconds: 0))
        #expect(context.state == .solo)
        context.observe(livePeers: 2, at: Instant(seconds: 1))
        #expect(context.state == .federated)
        #expect(context.state.g0 == 0.60)
    }

    @Test func `it returns to solo after too few peers for the whole hysteresis`() {
        var context = auto()
        context.observe(livePeers: 2, at: Instant(seconds: 10))
        context.observe(livePeers: 0, at: Instant(seconds: 129.9))
        #expect(context.state == .federated)
        context.observe(livePeers: 0, at: Instant(seconds: 130))
        #expect(context.state == .solo)
    }

    @Test func `enough peers restart the hysteresis`() {
        var context = auto()
        for second in [0.0, 119, 238] {
            context.observe(livePeers: 2, at: Instant(seconds: second))
            context.observe(livePeers: 1, at: Instant(seconds: second + 118))
            #expect(context.state == .federated)
        }
    }

    @Test func `without hysteresis it returns to solo at once`() {
        var context = Context(mode: .auto, minPeers: 2, hysteresis: .zero)
        context.observe(livePeers: 2, at: Instant(seconds: 0))
        context.observe(livePeers: 1, at: Instant(seconds: 0))
        #expect(context.state == .solo)
    }

    @Test func `a forced mode and its target do not depend on live peers`() {
        var context = Context(mode: .federated, minPeers: 2, hysteresis: .seconds(120))
        context.observe(livePeers: 0, at: Instant(seconds: 0))
        #expect(context.state == .federated)
        #expect(context.state.g0 == 0.60)
        context.mode = .solo
        context.observe(livePeers: 9, at: Instant(seconds: 1))
        #expect(context.state == .solo)
        #expect(context.state.g0 == 0.30)
    }

    private func auto() -> Context {
        Context(mode: .auto, minPeers: 2, hysteresis: .seconds(120))
    }
}
