internal import Glibc
internal import Synchronization

/// Resource usage of this process at one moment.
package struct ProcessFacts: Sendable {
    /// The start of the process in Unix seconds.
    package let startedWall: Double
    /// User time plus system time.
    package let cpuSeconds: Double
    /// Bytes; nil without procfs.
    package let memory: (virtual: Double, resident: Double)?
    package let openFiles: Double?
    package let maxFiles: Int

    package init(startedWall: Double) {
        self.startedWall = startedWall
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        cpuSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
        memory = Self.memoryBytes()
        openFiles = Self.countOfOpenFiles()
        maxFiles = FileLimit.soft()
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// The first two numbers of /proc/self/statm, which are in pages (proc(5)).
    private static func memoryBytes() -> (virtual: Double, resident: Double)? {
        var text = [UInt8](repeating: 0, count: 64)
        let count = unsafe text.withUnsafeMutableBytes { buffer in
            unsafe pread(statm.descriptor, buffer.baseAddress, buffer.count, 0)
        }
        let pages = text.prefix(max(count, 0)).split(separator: UInt8(ascii: " "), maxSplits: 2)
            .prefix(2).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        guard pages.count == 2 else { return nil }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        return (Double(pages[0] * pageBytes), Double(pages[1] * pageBytes))
    }

    private static func countOfOpenFiles() -> Double? {
        var status = stat()
        guard unsafe fstat(descriptors.descriptor, &status) == 0 else { return nil }
        // The size of /proc/self/fd is the count since Linux 6.2 (proc(5)), and 0 before.
        return status.st_size > 0 ? Double(status.st_size) : countOfListedFiles()
    }

    /// Counts the entries of /proc/self/fd, which takes longer the more there are.
    static func countOfListedFiles() -> Double? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        // Excludes `.`, `..` and the descriptor of this directory.
        var count = -3.0
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    // Never closed, because opening them takes longer than reading them.
    private static let statm = KeptFile("/proc/self/statm")
    private static let descriptors = KeptFile("/proc/self/fd")
}

/// A file that is opened once and stays open.
///
/// If opening fails, for example without a free descriptor, the next use tries again.
private final class KeptFile: Sendable {
    private let path: String
    private let opened = Mutex<Int32>(-1)

    init(_ path: String) { self.path = path }

    /// Negative while it cannot be opened.
    var descriptor: Int32 {
        opened.withLock { opened in
            if opened < 0 { opened = unsafe open(path, O_RDONLY | O_CLOEXEC) }
            return opened
        }
    }
}
