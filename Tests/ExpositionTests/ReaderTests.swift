import Exposition
import TestSupport
import Testing

/// The documents, read by Prometheus' linter and by the parsers of its Python client.
@Suite struct ReaderTests {
    /// Prints one line per sample in the order of the document, and checks each family's type.
    private static let reader = """
        import sys
        try:
            from prometheus_client.parser import text_string_to_metric_families as plain
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as om
        except ImportError:
            sys.exit("This test needs Debian's package python3-prometheus-client.")
        parse = om if sys.argv[1] == "openMetrics" else plain
        for family in parse(sys.stdin.read()):
            for sample in family.samples:
                labels = sorted(sample.labels.items())
                print(family.type, sample.name, labels, repr(float(sample.value)))
        """

    @Test(arguments: TextFormat.allCases)
    func `an independent parser reads back every value`(format: TextFormat) async throws {
        let finished = try await run(
            tool(named: "python3", package: "python3-prometheus-client"),
            ["-c", Self.reader, "\(format)"],
            environment: ["PYTHONUTF8": "1"],
            input: Specimen.render(Specimen.families, as: format)
        )
        #expect(finished.ending == .exit(0), "\(finished.log)")
        let errors = "counter nova_federation_sync_errors_total"
        let bucket = "histogram nova_federation_sync_latency_seconds_bucket"
        let expected = """
            gauge nova_federation_build_info [('version', '1.0.0')] 1.0
            gauge nova_federation_peer_quality [('peer', 'a:8100/x\\\\y"z"\\n')] 0.1
            gauge nova_federation_peer_quality [('peer', 'b:8100')] 0.985
            gauge nova_federation_something [] nan
            \(errors) [('error_type', 'http_error'), ('peer', 'a')] 12.0
            \(errors) [('error_type', 'validation_error'), ('peer', 'a')] 0.0
            \(bucket) [('le', '0.005')] 3.0
            \(bucket) [('le', '0.25')] 3.0
            \(bucket) [('le', '1.0')] 5.0
            \(bucket) [('le', '10.0')] 6.0
            \(bucket) [('le', '+Inf')] 7.0
            histogram nova_federation_sync_latency_seconds_sum [] 14.5
            histogram nova_federation_sync_latency_seconds_count [] 7.0
            gauge nova_wisdom_hopf_distance [] inf
            """
        #expect(finished.output.split(separator: "\n") == expected.split(separator: "\n"))
    }

    @Test func `promtool accepts the document`() async throws {
        let finished = try await run(
            tool(named: "promtool", package: "prometheus"),
            ["check", "metrics"],
            input: Specimen.render(Specimen.families, as: .prometheus)
        )
        #expect(finished.ending == .exit(0))
        #expect(finished.output + finished.log == "")
    }

    @Test func `promtool rejects an invalid document`() async throws {
        let bad = MetricFamily<Void>("aCounter", .counter, help: "No total.") { $1.add(value: 1) }
        let finished = try await run(
            tool(named: "promtool", package: "prometheus"),
            ["check", "metrics"],
            input: Specimen.render([bad], as: .prometheus)
        )
        #expect(finished.ending != .exit(0))
    }
}
