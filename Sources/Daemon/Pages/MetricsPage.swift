import Exposition
import Federation
import MicroHTTPServer

/// The page at `/metrics`: the status as Prometheus reads it.
///
/// Every metric stands in contracts/metrics.md. No gauge is state: each is worked out from one
/// status when it is asked for.
struct MetricsPage {
    let requests: RequestCounts
    let process: ProcessFacts

    /// The page in the format that `accept` asks for.
    func response(of status: NodeStatus, accept: String?) -> Response {
        let format = TextFormat(accept: accept)
        var families =
            PeerMetrics(status).families + SyncMetrics(status).families
            + WisdomMetrics(status).families + process.families
        families.append(
            MetricFamily(
                "nova_federation_build_info",
                help: "A constant 1 that names the build",
                .gauge([MetricSample([Label("version", ProductVersion.current)], 1)])
            )
        )
        families.append(
            .gauge(
                "nova_federation_draining",
                status.isDraining ? 1 : 0,
                help: "1 from the signal to stop until the end of the process, else 0"
            )
        )
        families.append(
            MetricFamily(
                "nova_federation_http_requests_total",
                help: "Requests answered, by path (a served one or other) and status code",
                .counter(requests.samples)
            )
        )
        if status.settings.hasMetricAliases {
            families += MetricAliases(status, format: format).families
        }
        return Response(
            status: 200,
            contentType: format.contentType,
            body: format.render(families)
        )
    }
}

extension MetricFamily {
    /// A gauge without labels.
    static func gauge(_ name: String, _ value: Double, help: String) -> MetricFamily {
        MetricFamily(name, help: help, .gauge([MetricSample([], value)]))
    }

    /// A gauge without labels that is absent while there is no value.
    static func gauge(_ name: String, _ value: Double?, help: String) -> MetricFamily {
        MetricFamily(name, help: help, .gauge(value.map { [MetricSample([], $0)] } ?? []))
    }

    /// A counter without labels.
    static func counter(_ name: String, _ value: Int, help: String) -> MetricFamily {
        MetricFamily(name, help: help, .counter([MetricSample([], Double(value))]))
    }

    /// A histogram without labels.
    static func histogram(_ name: String, _ histogram: Histogram, help: String) -> MetricFamily {
        MetricFamily(
            name,
            help: help,
            .histogram([
                HistogramSample(
                    upperBounds: histogram.bounds,
                    counts: histogram.counts,
                    sum: histogram.sum
                )
            ])
        )
    }
}
