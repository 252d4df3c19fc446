import Testing

@testable import Exposition

/// Both formats, against documents written by hand.
@Suite struct RenderingTests {
    private func text(_ format: TextFormat, _ families: MetricFamily...) -> String {
        String(decoding: format.render(families), as: UTF8.self)
    }

    @Test(arguments: TextFormat.allCases)
    func `every type has its golden document`(format: TextFormat) {
        let families = Specimen.families.shuffled()
        let rendered = String(decoding: format.render(families), as: UTF8.self)
        #expect(rendered == (format == .prometheus ? Specimen.prometheus : Specimen.openMetrics))
    }

    @Test func `no families are an empty document, closed where the format says so`() {
        #expect(text(.prometheus) == "")
        #expect(text(.openMetrics) == "# EOF\n")
    }

    @Test func `a family without series leaves no trace`() {
        let families = [
            MetricFamily("a", help: "A.", .gauge([])),
            MetricFamily("b_total", help: "B.", .counter([])),
            MetricFamily("c", help: "C.", .histogram([])),
        ]
        #expect(TextFormat.prometheus.render(families).isEmpty)
    }

    @Test func `a counter without _total is unknown in OpenMetrics and a counter elsewhere`() {
        let family = MetricFamily("errors_counter", help: "E.", .counter([MetricSample([], 2)]))
        #expect(text(.openMetrics, family).contains("\n# TYPE errors_counter unknown\n"))
        #expect(text(.openMetrics, family).hasSuffix("\nerrors_counter 2\n# EOF\n"))
        #expect(text(.prometheus, family).contains("\n# TYPE errors_counter counter\n"))
        #expect(text(.prometheus, family).hasSuffix("\nerrors_counter 2\n"))
    }

    @Test func `label values escape backslash, quote and line end`() {
        let family = MetricFamily(
            "m",
            help: "H.",
            .gauge([MetricSample([Label("l", "a\\b\"c\nd é")], 1)])
        )
        #expect(text(.prometheus, family).contains(#"m{l="a\\b\"c\nd é"} 1"# + "\n"))
        #expect(text(.openMetrics, family).contains(#"m{l="a\\b\"c\nd é"} 1"# + "\n"))
    }

    @Test func `help escapes quotes in OpenMetrics only`() {
        let family = MetricFamily("m", help: "a\\b\"c\nd", .gauge([MetricSample([], 1)]))
        #expect(text(.prometheus, family).hasPrefix(#"# HELP m a\\b"c\nd"# + "\n"))
        #expect(text(.openMetrics, family).hasPrefix(#"# HELP m a\\b\"c\nd"# + "\n"))
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (-17, "-17"), (0.1, "0.1"),
        (1.0 / 3, "0.3333333333333333"),
        (1_795_333_008.002, "1795333008.002"), (9_007_199_254_740_991, "9007199254740991"),
        (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
        (8.805073337114777e-10, "8.805073337114777e-10"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (-.nan, "NaN"),
    ])
    func `a value is the shortest text that reads back`(value: Double, expected: String) {
        let family = MetricFamily("m", help: "H.", .gauge([MetricSample([], value)]))
        #expect(text(.prometheus, family).hasSuffix("\nm \(expected)\n"))
    }

    @Test func `series are sorted by their labels, and those in order stay`() {
        func family(_ values: [String]) -> MetricFamily {
            MetricFamily("m", help: "H.", .gauge(values.map { MetricSample([Label("l", $0)], 1) }))
        }
        #expect(
            text(.prometheus, family(["b", "a", "ä", "B"]))
                == text(.prometheus, family(["B", "a", "b", "ä"]))
        )
        #expect(text(.prometheus, family(["b", "a"])).hasSuffix("m{l=\"a\"} 1\nm{l=\"b\"} 1\n"))
    }

    @Test func `two names that only look alike are two series`() {
        let composed = MetricSample([Label("l", "\u{e9}")], 1)
        let decomposed = MetricSample([Label("l", "e\u{301}")], 2)
        let lines = text(
            .prometheus,
            MetricFamily("m", help: "H.", .gauge([composed, decomposed]))
        )
        #expect(lines.split(separator: "\n").count == 4)
    }

    @Test func `ten thousand peers with twenty series each are all there`() {
        let peers = (0..<10_000).map { [Label("peer", "127.0.0.1:\($0 + 10_000)")] }
        let families = (0..<20)
            .map { number in
                MetricFamily(
                    "m_\(number)",
                    help: "H.",
                    .gauge(peers.map { MetricSample($0, 0.25) })
                )
            }
        let bytes = TextFormat.prometheus.render(families)
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 20 * 10_002)
    }
}

/// What is a bug of the caller stops the process, with a sentence.
@Suite struct TrapTests {
    @Test(arguments: ["", "1a", "a-b", "ä", "a b"])
    func `an illegal metric name traps`(name: String) async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [name] in
            _ = MetricFamily(name, help: "", .gauge([]))
        }
        #expect(result.text.contains("The metric name '\(name)' must match"))
    }

    @Test(arguments: ["", "1a", "a:b", "__a", "le", "é"])
    func `an illegal label name traps`(name: String) async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [name] in
            _ = Label(name, "")
        }
        #expect(result.text.contains("The label name '\(name)' must match"))
    }

    @Test func `two series with the same labels trap`() async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let twice = [MetricSample([Label("a", "b")], 1), MetricSample([Label("a", "b")], 2)]
            _ = TextFormat.prometheus.render([MetricFamily("m", help: "", .gauge(twice))])
        }
        #expect(result.text.contains("Exposed twice: "))
    }

    @Test func `two families of one name trap`() async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let family = MetricFamily("m", help: "", .gauge([MetricSample([], 1)]))
            _ = TextFormat.prometheus.render([family, family])
        }
        #expect(result.text.contains("Exposed twice: "))
    }

    @Test func `a histogram without a count for what is above its bounds traps`() async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            _ = HistogramSample(upperBounds: [1, 2], counts: [1, 2], sum: 0)
        }
        #expect(result.text.contains("A histogram has one count more than bounds"))
    }
}

extension ExitTest.Result {
    /// What the process said before it ended.
    fileprivate var text: String { String(decoding: standardErrorContent, as: UTF8.self) }
}
