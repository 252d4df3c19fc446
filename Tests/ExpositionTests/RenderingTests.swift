import Testing

@testable import Exposition

/// Both formats, compared with documents written by hand.
@Suite struct RenderingTests {
    private func text(_ format: TextFormat, _ families: MetricFamily<Void>...) -> String {
        String(decoding: Specimen.render(families, as: format), as: UTF8.self)
    }

    /// A gauge with one series.
    private func gauge(
        _ labels: Labels? = nil,
        help: String = "H.",
        value: Double = 1
    ) -> MetricFamily<Void> {
        MetricFamily("m", .gauge, help: help) { $1.add(labels, value: value) }
    }

    @Test(arguments: TextFormat.allCases)
    func `every type is rendered like its fixture`(format: TextFormat) {
        let families = Specimen.families.shuffled()
        let rendered = String(decoding: Specimen.render(families, as: format), as: UTF8.self)
        #expect(rendered == (format == .prometheus ? Specimen.prometheus : Specimen.openMetrics))
    }

    @Test func `without families the document is empty except for its end`() {
        #expect(text(.prometheus) == "")
        #expect(text(.openMetrics) == "# EOF\n")
    }

    @Test func `a family without series is left out`() {
        let none = MetricFamily<Void>("a_total", .counter, help: "A.") { _, _ in }
        #expect(text(.prometheus, none, gauge()) == text(.prometheus, gauge()))
        #expect(text(.openMetrics, none) == "# EOF\n")
    }

    @Test func `a family reads its values from the source of the scrape`() {
        let family = MetricFamily<[Double]>("m", .gauge, help: "H.") { values, series in
            for value in values { series.add(value: value) }
        }
        let document = MetricsText([family])
        func text(_ values: [Double]) -> String {
            String(decoding: document.render(values, as: .prometheus, expecting: 0), as: UTF8.self)
        }
        #expect(text([1, 2]).hasSuffix("\nm 1\nm 2\n"))
        #expect(text([3]).hasSuffix(" gauge\nm 3\n"))
        #expect(text([]) == "")
    }

    @Test func `a counter without _total has the type unknown only in OpenMetrics`() {
        let family = MetricFamily<Void>("errors_counter", .counter, help: "E.") { $1.add(value: 2) }
        #expect(text(.openMetrics, family).contains("\n# TYPE errors_counter unknown\n"))
        #expect(text(.openMetrics, family).hasSuffix("\nerrors_counter 2\n# EOF\n"))
        #expect(text(.prometheus, family).contains("\n# TYPE errors_counter counter\n"))
        #expect(text(.prometheus, family).hasSuffix("\nerrors_counter 2\n"))
    }

    @Test func `label values escape backslash, quote and line end`() {
        let family = gauge(["l": "a\\b\"c\nd é"])
        #expect(text(.prometheus, family).contains(#"m{l="a\\b\"c\nd é"} 1"# + "\n"))
        #expect(text(.openMetrics, family).contains(#"m{l="a\\b\"c\nd é"} 1"# + "\n"))
    }

    @Test func `help escapes quotes in OpenMetrics only`() {
        let family = gauge(help: "a\\b\"c\nd")
        #expect(text(.prometheus, family).hasPrefix(#"# HELP m a\\b"c\nd"# + "\n"))
        #expect(text(.openMetrics, family).hasPrefix(#"# HELP m a\\b\"c\nd"# + "\n"))
    }

    /// Two cases have raw values that differ from their names, to test that raw values are written.
    private enum Fruit: String, CaseIterable {
        case apple
        case redPear = "red_pear"
    }

    @Test func `each case has a label`() {
        let labels = Labels.each("fruit", of: Fruit.self)
        #expect(labels == [.apple: ["fruit": "apple"], .redPear: ["fruit": "red_pear"]])
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (9, "9"), (10, "10"), (-1, "-1"), (-17, "-17"),
        (0.1, "0.1"),
        (1.0 / 3, "0.3333333333333333"),
        (1_795_333_008.002, "1795333008.002"), (9_007_199_254_740_991, "9007199254740991"),
        (-0x1p53, "-9007199254740992.0"), (-0x1p63, "-9.223372036854776e+18"),
        (0x1p63, "9.223372036854776e+18"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
        (8.805073337114777e-10, "8.805073337114777e-10"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (-.nan, "NaN"),
    ])
    func `a value is the shortest text that reads back`(value: Double, expected: String) {
        #expect(text(.prometheus, gauge(value: value)).hasSuffix("\nm \(expected)\n"))
    }

    @Test func `ten thousand peers with twenty series each are complete`() {
        let peers: [Labels] = (0..<10_000).map { ["peer": "127.0.0.1:\($0 + 10_000)"] }
        let families = (0..<20)
            .map { number in
                MetricFamily<Void>("m_\(number)", .gauge, help: "H.") { _, series in
                    for peer in peers { series.add(peer, value: 0.25) }
                }
            }
        let bytes = Specimen.render(families, as: .prometheus)
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 20 * 10_002)
    }
}

/// A bug of the caller traps with a sentence.
@Suite struct TrapTests {
    @Test(arguments: ["", "1a", "a-b", "ä", "a b"])
    func `an illegal metric name traps`(name: String) async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [name] in
            _ = MetricFamily<Void>(name, .gauge, help: "") { _, _ in }
        }
        #expect(result.text.contains("The metric name '\(name)' must match"))
    }

    @Test(arguments: ["", "1a", "a:b", "__a", "le", "é"])
    func `an illegal label name traps`(name: String) async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [name] in
            _ = [name: ""] as Labels
        }
        #expect(result.text.contains("The label name '\(name)' must match"))
    }

    @Test func `two families of one name trap`() async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let family = MetricFamily<Void>("m", .gauge, help: "") { _, _ in }
            _ = MetricsText([family, family])
        }
        #expect(result.text.contains("must be unique"))
    }

    @Test func `a histogram without a count above its bounds traps`() async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) {
            let family = MetricFamily<Void>
                .histogram("m", help: "", upperBounds: [1, 2]) {
                    ([1, 2], 0)
                }
            _ = Specimen.render([family], as: .prometheus)
        }
        #expect(result.text.contains("A histogram must have one count more than bounds"))
    }

    @Test(arguments: [[1, 1], [2, 1]])
    func `bounds that do not ascend trap`(bounds: [Double]) async throws {
        let result = try await #require(
            processExitsWith: .failure,
            observing: [\.standardErrorContent]
        ) { [bounds] in
            _ = MetricFamily<Void>.histogram("m", help: "", upperBounds: bounds) { ([], 0) }
        }
        #expect(result.text.contains("The bounds of a histogram must ascend and be finite"))
    }
}

extension ExitTest.Result {
    /// What the process printed before it trapped.
    fileprivate var text: String { String(decoding: standardErrorContent, as: UTF8.self) }
}
