internal import Glibc

/// Why a file could not be read.
package enum FileFault: Error, Hashable, Sendable {
    /// The message of strerror(3).
    case unreadable(String)
    case notRegular(FileKind)
    case tooLarge(maximumBytes: Int)
}

extension FileFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let cause): "cannot be read: \(cause)"
        case .notRegular(let kind): "is a \(kind.rawValue); allowed: a regular file"
        case .tooLarge(let maximumBytes): "is larger than \(maximumBytes) bytes"
        }
    }
}

/// Reads a whole regular file, blocking the thread.
///
/// `/dev/null` reads as an empty file. Any other file that is not regular is refused before it is
/// opened: a pipe without a writer and a terminal would block forever, and opening a device can
/// have side effects.
///
/// - Throws: `FileFault.tooLarge` as soon as more than `maximumBytes` were read. The size of the
///   file is not used, because it is 0 for files under /proc.
package func contents(of path: String, atMost maximumBytes: Int) throws(FileFault) -> [UInt8] {
    if try expectReadable(FileStamp(path)) == .null { return [] }
    // O_NONBLOCK, because a pipe may replace the file before it is opened.
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

/// The kind of a file, if a file of this kind can be read repeatedly.
private func expectReadable(_ stamp: FileStamp) throws(FileFault) -> FileKind {
    guard stamp.kind == .regular || stamp.kind == .null else { throw .notRegular(stamp.kind) }
    return stamp.kind
}

/// The message of strerror(3), such as `No such file or directory`.
package func systemError(_ code: Int32 = errno) -> String {
    unsafe String(cString: strerror(code))
}
