internal import Glibc

/// Tells one state of a file from another: inode, size, and when its bytes or its inode changed.
package struct FileStamp: Hashable, Sendable {
    /// What stands under the path.
    var kind: FileKind
    private var inode: UInt
    private var size: Int
    /// When its bytes were last written.
    private var modified: Moment
    /// When its bytes, its name, its owner or its rights last changed.
    private var changed: Moment

    private struct Moment: Hashable, Comparable, Sendable {
        var seconds: Int
        var nanoseconds: Int

        static func < (left: Moment, right: Moment) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    /// What the file at `path` is like now, without opening it; it blocks.
    package init(_ path: String) throws(FileFault) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .unreadable(systemError()) }
        self.init(status)
    }

    /// What the file behind an open descriptor is like now.
    init(descriptor: Int32) throws(FileFault) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(systemError()) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind = FileKind(status)
        inode = status.st_ino
        size = status.st_size
        modified = Moment(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
        changed = Moment(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
    }

    /// Whether its writer has finished: something was done to it after its bytes were written.
    ///
    /// rename(2) does that, and so do programs that set times, owner or rights of what they have
    /// copied. While a file is written, both times move together. A rename within the same tick of
    /// the kernel's clock does not show; see `FileWatch.wantsSecondLook`.
    var isComplete: Bool { size > 0 && modified < changed }

    var isEmpty: Bool { size == 0 }

    /// Whether it is another file than `other`, and not only another state of it.
    func isReplacement(of other: FileStamp?) -> Bool { inode != other?.inode }
}

/// What a path leads to, by how it can be read.
package enum FileKind: Hashable, Sendable {
    case regular
    /// `/dev/null`, which reads as an empty file.
    case null
    case directory
    case pipe
    case socket
    case device

    /// Major 1, minor 3, as null(4) has them.
    private static let nullDevice: dev_t = 0x103

    /// From the result of stat(2).
    init(_ status: stat) {
        self =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR where status.st_rdev == Self.nullDevice: .null
            default: .device
            }
    }
}
