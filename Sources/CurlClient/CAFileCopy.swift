internal import CCurl
import Glibc

/// A copy of a CA file in memory, which libcurl opens by a path under /proc.
///
/// libcurl opens the CA file again for each multi handle, on the client's thread. If the file had
/// been replaced by a pipe, or its file system hung, all fetches would block. The path is valid
/// while this object exists.
final class CAFileCopy: Sendable {
    /// The largest file that is copied.
    private static let maximumBytes = 16 << 20

    private let descriptor: Int32
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Copies a regular file; nil if this fails, for example because /proc is not mounted.
    init?(of path: String) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        descriptor = unsafe memfd_create("authorities", 1)  // MFD_CLOEXEC
        guard descriptor >= 0 else { return nil }
        // Without a copy, libcurl opens the file itself and reports the error.
        guard Self.copy(file, to: descriptor), unsafe access(self.path, R_OK) == 0 else {
            return nil
        }
    }

    deinit {
        close(descriptor)
    }

    private static func copy(_ file: Int32, to copy: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var total = 0
        while total <= maximumBytes {
            let count = unsafe read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return count == 0 }
            // A memory file has no partial writes.
            guard unsafe write(copy, chunk, count) == count else { return false }
            total += count
        }
        return false
    }
}
