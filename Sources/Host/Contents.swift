internal import Glibc

/// Why a file could not be read.
package enum FileFault: Error, Hashable, Sendable {
    /// What the system said of it.
    case unreadable(String)
    case notRegular(FileKind)
    case tooLarge(maximumBytes: Int)
}

extension FileFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let cause): "cannot be read: \(cause)"
        case .notRegular(let kind): "is a \(kind.words); allowed: a regular file"
        case .tooLarge(let maximumBytes): "is larger than \(maximumBytes) bytes"
        }
    }
}

/// The bytes of a regular file, read whole; it blocks, so only at startup and on a reload.
///
/// `/dev/null` reads as an empty file. Anything else that is not a regular file is refused before
/// it is opened: a pipe without a writer, or a terminal, would block for good, and opening a device
/// can have effects.
///
/// - Throws: `FileFault.tooLarge` once more than `maximumBytes` have come, whatever the file says
///   of its size: files under /proc say 0.
package func contents(of path: String, atMost maximumBytes: Int) throws(FileFault) -> [UInt8] {
    if try expectReadable(FileStamp(path)) == .null { return [] }
    // Without O_NONBLOCK a pipe that has just replaced the file would block the open itself.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .unreadable(systemError()) }
    defer { close(descriptor) }
    if try expectReadable(FileStamp(descriptor: descriptor)) == .null { return [] }
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

/// The kind of a file that can be read whole, and read again.
private func expectReadable(_ stamp: FileStamp) throws(FileFault) -> FileKind {
    switch stamp.kind {
    case .regular, .null: return stamp.kind
    case .directory, .pipe, .socket, .device: throw .notRegular(stamp.kind)
    }
}

extension FileKind {
    fileprivate var words: String {
        switch self {
        case .regular: "regular file"
        case .null: "null device"
        case .directory: "directory"
        case .pipe: "pipe"
        case .socket: "socket"
        case .device: "device"
        }
    }
}

/// What the last failed system call says of itself, as `No such file or directory`.
package func systemError() -> String {
    let code = errno
    return unsafe String(cString: strerror(code))
}
