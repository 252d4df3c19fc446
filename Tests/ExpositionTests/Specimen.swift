import Exposition

/// One family of every type, and the documents that they produce.
enum Specimen {
    static let families: [MetricFamily<Void>] = [
        MetricFamily(
            "nova_federation_build_info",
            .gauge,
            help: "Version of the program, always 1."
        ) { $1.add(["version": "1.0.0"], value: 1) },
        MetricFamily(
            "nova_federation_peer_quality",
            .gauge,
            help: "Quality of a \"peer\" [peer_quality]"
        ) { _, series in
            series.add(["peer": "a:8100/x\\y\"z\"\n"], value: 0.1)
            series.add(["peer": "b:8100"], value: 0.985)
        },
        MetricFamily("nova_federation_something", .gauge, help: "Unknown.") {
            $1.add(value: .nan)
        },
        MetricFamily("nova_federation_sync_errors_total", .counter, help: "Failed pulls by type.") {
            _,
            series in
            series.add(["peer": "a"], ["error_type": "http_error"], value: 12)
            series.add(["peer": "a", "error_type": "validation_error"], value: 0)
        },
        .histogram(
            "nova_federation_sync_latency_seconds",
            help: "Duration of good pulls.",
            upperBounds: [0.005, 0.25, 1, 10]
        ) { ([3, 0, 2, 1, 1], 14.5) },
        MetricFamily("nova_wisdom_hopf_distance", .gauge, help: "H.") {
            $1.add(value: .infinity)
        },
    ]

    /// The document of some families.
    static func render(_ families: [MetricFamily<Void>], as format: TextFormat) -> [UInt8] {
        MetricsText(families).render((), as: format, expecting: 0)
    }

    static let prometheus = """
        # HELP nova_federation_build_info Version of the program, always 1.
        # TYPE nova_federation_build_info gauge
        nova_federation_build_info{version="1.0.0"} 1
        # HELP nova_federation_peer_quality Quality of a "peer" [peer_quality]
        # TYPE nova_federation_peer_quality gauge
        nova_federation_peer_quality{peer="a:8100/x\\\\y\\"z\\"\\n"} 0.1
        nova_federation_peer_quality{peer="b:8100"} 0.985
        # HELP nova_federation_something Unknown.
        # TYPE nova_federation_something gauge
        nova_federation_something NaN
        # HELP nova_federation_sync_errors_total Failed pulls by type.
        # TYPE nova_federation_sync_errors_total counter
        nova_federation_sync_errors_total{peer="a",error_type="http_error"} 12
        nova_federation_sync_errors_total{peer="a",error_type="validation_error"} 0
        # HELP nova_federation_sync_latency_seconds Duration of good pulls.
        # TYPE nova_federation_sync_latency_seconds histogram
        nova_federation_sync_latency_seconds_bucket{le="0.005"} 3
        nova_federation_sync_latency_seconds_bucket{le="0.25"} 3
        nova_federation_sync_latency_seconds_bucket{le="1.0"} 5
        nova_federation_sync_latency_seconds_bucket{le="10.0"} 6
        nova_federation_sync_latency_seconds_bucket{le="+Inf"} 7
        nova_federation_sync_latency_seconds_sum 14.5
        nova_federation_sync_latency_seconds_count 7
        # HELP nova_wisdom_hopf_distance H.
        # TYPE nova_wisdom_hopf_distance gauge
        nova_wisdom_hopf_distance +Inf

        """

    static let openMetrics = """
        # HELP nova_federation_build_info Version of the program, always 1.
        # TYPE nova_federation_build_info gauge
        nova_federation_build_info{version="1.0.0"} 1
        # HELP nova_federation_peer_quality Quality of a \\"peer\\" [peer_quality]
        # TYPE nova_federation_peer_quality gauge
        nova_federation_peer_quality{peer="a:8100/x\\\\y\\"z\\"\\n"} 0.1
        nova_federation_peer_quality{peer="b:8100"} 0.985
        # HELP nova_federation_something Unknown.
        # TYPE nova_federation_something gauge
        nova_federation_something NaN
        # HELP nova_federation_sync_errors Failed pulls by type.
        # TYPE nova_federation_sync_errors counter
        nova_federation_sync_errors_total{peer="a",error_type="http_error"} 12
        nova_federation_sync_errors_total{peer="a",error_type="validation_error"} 0
        # HELP nova_federation_sync_latency_seconds Duration of good pulls.
        # TYPE nova_federation_sync_latency_seconds histogram
        nova_federation_sync_latency_seconds_bucket{le="0.005"} 3
        nova_federation_sync_latency_seconds_bucket{le="0.25"} 3
        nova_federation_sync_latency_seconds_bucket{le="1.0"} 5
        nova_federation_sync_latency_seconds_bucket{le="10.0"} 6
        nova_federation_sync_latency_seconds_bucket{le="+Inf"} 7
        nova_federation_sync_latency_seconds_sum 14.5
        nova_federation_sync_latency_seconds_count 7
        # HELP nova_wisdom_hopf_distance H.
        # TYPE nova_wisdom_hopf_distance gauge
        nova_wisdom_hopf_distance +Inf
        # EOF

        """
}
