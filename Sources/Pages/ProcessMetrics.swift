internal import Exposition
internal import Host
internal import Settings

/// The series of the program and of its process.
enum ProcessMetrics {
    static let families = program + listener + process

    private static let program: [MetricFamily<Scrape>] = [
        MetricFamily(
            "nova_federation_build_info",
            .gauge,
            help: "A constant 1 that names the build"
        ) { $1.add(version, value: 1) },
        .gauge(
            "nova_federation_draining",
            help: "1 from the signal to stop until the end of the process, else 0"
        ) { $0.status.isDraining ? 1 : 0 },
        MetricFamily(
            "nova_federation_http_requests_total",
            .counter,
            help: "Requests answered, by path (a served one or other) and status code"
        ) { scrape, series in
            for (labels, count) in scrape.listener.requests {
                series.add(labels, value: Double(count))
            }
        },
        .gauge(
            "nova_federation_http_response_bytes",
            help: "Bytes of computed pages in memory, each once, however many clients read it"
        ) { Double($0.listener.heldBytes) },
        MetricFamily(
            "nova_federation_http_responses_refused_total",
            .counter,
            help: "Computed pages refused with 503 before they were computed, by reason"
        ) { scrape, series in
            for (labels, count) in scrape.listener.refusals {
                series.add(labels, value: Double(count))
            }
        },
        MetricFamily(
            "nova_federation_log_records_dropped_total",
            .counter,
            help: "Log records dropped because standard error could not be written fast enough"
        ) { $1.add(value: Double($0.droppedRecords)) },
    ]

    private static let listener: [MetricFamily<Scrape>] = [
        .gauge("nova_federation_http_connections", help: "Open connections of the listener") {
            Double($0.listener.openConnections)
        },
        .gauge(
            "nova_federation_http_connections_limit",
            help: "How many connections the listener may have open (NOVA_FED_MAX_CONNECTIONS)"
        ) { Double($0.listener.connectionLimit) },
        MetricFamily(
            "nova_federation_http_connections_closed_total",
            .counter,
            help: "Connections that the listener closed, by cause; idle timeouts not included"
        ) { scrape, series in
            for (labels, count) in scrape.listener.closed {
                series.add(labels, value: Double(count))
            }
        },
        MetricFamily(
            "nova_federation_http_accept_pauses_total",
            .counter,
            help: "Times that the listener paused accepting because file descriptors ran out"
        ) { $1.add(value: Double($0.listener.acceptPauses)) },
    ]

    private static let version: Labels = ["version": ProductVersion.current]

    /// The metrics that Prometheus client libraries export for every process.
    private static let process: [MetricFamily<Scrape>] = [
        MetricFamily(
            "process_cpu_seconds_total",
            .counter,
            help: "User and system CPU time in seconds"
        ) { $1.add(value: $0.process.cpuSeconds) },
        .gauge(
            "process_start_time_seconds",
            help: "Unix time at which the process started"
        ) { $0.process.startedWall },
        .gauge("process_virtual_memory_bytes", help: "Virtual memory in bytes") {
            $0.process.memory?.virtual
        },
        .gauge("process_resident_memory_bytes", help: "Resident memory in bytes") {
            $0.process.memory?.resident
        },
        .gauge("process_open_fds", help: "Open file descriptors") { $0.process.openFiles },
        .gauge("process_max_fds", help: "How many file descriptors may be open") {
            Double($0.process.maxFiles)
        },
    ]
}
