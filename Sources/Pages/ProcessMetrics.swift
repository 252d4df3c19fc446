internal import Exposition
internal import Host
internal import Settings

/// The metrics of the program, its listener and its process.
enum ProcessMetrics {
    static let families: [MetricFamily<Scrape>] = [
        MetricFamily(
            "nova_federation_build_info",
            .gauge,
            help: "A constant 1; the label is the version of the program"
        ) { $1.add(version, value: 1) },
        .gauge(
            "nova_federation_draining",
            help: "1 while the node shuts down, else 0"
        ) { $0.status.isDraining ? 1 : 0 },
        .counters(
            "nova_federation_http_requests_total",
            help: "Requests answered, by path (other for unknown paths) and status code"
        ) { $0.listener.requests },
        .gauge(
            "nova_federation_http_response_bytes",
            help: "Bytes of computed pages in memory; a page that several clients read counts once"
        ) { Double($0.listener.heldBytes) },
        .counters(
            "nova_federation_http_responses_refused_total",
            help: "Pages refused with 503 before they were rendered, by reason"
        ) { $0.listener.refusals },
        MetricFamily(
            "nova_federation_log_records_dropped_total",
            .counter,
            help: "Log records dropped because standard error could not be written fast enough"
        ) { $1.add(value: Double($0.droppedRecords)) },
        .gauge("nova_federation_http_connections", help: "Open connections of the listener") {
            Double($0.listener.openConnections)
        },
        .gauge(
            "nova_federation_http_connections_limit",
            help: "Maximum open connections of the listener (NOVA_FED_MAX_CONNECTIONS)"
        ) { Double($0.listener.connectionLimit) },
        .counters(
            "nova_federation_http_connections_closed_total",
            help: "Connections that the listener closed, by cause; idle timeouts not included"
        ) { $0.listener.closed },
        .counters(
            "nova_federation_http_refused_total",
            help: "Requests refused with 401 or 403, by cause"
        ) { $0.listener.refused },
        MetricFamily(
            "nova_federation_http_accept_pauses_total",
            .counter,
            help: "Pauses in accepting connections because file descriptors ran out"
        ) { $1.add(value: Double($0.listener.acceptPauses)) },
        // Prometheus client libraries export these for every process.
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
        .gauge("process_max_fds", help: "Maximum open file descriptors") {
            Double($0.process.maxFiles)
        },
    ]

    private static let version: Labels = ["version": ProductVersion.current]
}
