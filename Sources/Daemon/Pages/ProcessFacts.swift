import Exposition
import Glibc

/// What Prometheus' client libraries tell of every process, read from proc(5).
struct ProcessFacts {
    /// Unix seconds at which the process started.
    let startedWall: Double

    var families: [MetricFamily] {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        let pages = Self.memoryPages()
        let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
        return [
            MetricFamily(
                "process_cpu_seconds_total",
                help: "User and system CPU time in seconds",
                .counter([MetricSample([], cpu)])
            ),
            .gauge(
                "process_start_time_seconds",
                startedWall,
                help: "Unix time at which the process started"
            ),
            .gauge(
                "process_virtual_memory_bytes",
                pages.map { $0.virtual * pageBytes },
                help: "Virtual memory in bytes"
            ),
            .gauge(
                "process_resident_memory_bytes",
                pages.map { $0.resident * pageBytes },
                help: "Resident memory in bytes"
            ),
            .gauge("process_open_fds", Self.openFiles(), help: "Open file descriptors"),
            .gauge(
                "process_max_fds",
                Double(FileLimit.soft()),
                help: "How many file descriptors may be open"
            ),
        ]
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The first two numbers of /proc/self/statm.
    private static func memoryPages() -> (virtual: Double, resident: Double)? {
        // Without procfs the two gauges are absent.
        guard let bytes = try? contents(of: "/proc/self/statm", atMost: 256) else { return nil }
        let numbers = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            .compactMap { Double($0) }
        return numbers.count > 1 ? (numbers[0], numbers[1]) : nil
    }

    private static func openFiles() -> Double? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        // The two dots, and the descriptor that reads the directory.
        var count = -3.0
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }
}
