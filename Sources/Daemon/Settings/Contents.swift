import Glibc

/// Why a file could not be read.
enum FileFault: Error, Hashable, Sendable {
    /// What the system said of it.
    case unreadable(String)
    case tooLarge(maximumBytes: Int)
}

extension FileFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .unreadable(let cause): "cannot be read: \(cause)"
        case .tooLarge(let maximumBytes): "is larger than \(maximumBytes) bytes"
        }
    }
}

/// The bytes of a file, read whole; it blocks, so only at start-up and on a reload.
///
/// - Throws: `FileFault.tooLarge` once more than `maximumBytes` have come, whatever the file says
///   of its size: pipes and devices say nothing.
func contents(of path: String, atMost maximumBytes: Int) throws(FileFault) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(systemError()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe chunk.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress, buffer.count)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw .unreadable(systemError()) }
        if count == 0 { return bytes }
        bytes += chunk[..<count]
        guard bytes.count <= maximumBytes else { throw .tooLarge(maximumBytes: maximumBytes) }
    }
}

/// What the last failed system call says of itself, as `No such file or directory`.
func systemError() -> String {
    let code = errno
    return unsafe String(cString: strerror(code))
}
