internal import Glibc

/// Identifies a state of a file by its kind, inode, size, modification time and change time.
package struct FileStamp: Hashable, Sendable {
    var kind: FileKind
    private var inode: UInt
    private var size: Int
    /// When the content changed last, in Unix time.
    private var modified: Duration
    /// When the content, the name, the owner or the permissions changed last.
    private var changed: Duration

    /// Reads the state of the file at `path` without opening it; blocks the thread.
    package init(_ path: String) throws(FileFault) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .unreadable(systemError()) }
        self.init(status)
    }

    /// Reads the state of an open file.
    init(descriptor: Int32) throws(FileFault) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(systemError()) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind = FileKind(status)
        inode = status.st_ino
        size = status.st_size
        modified = .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
        changed = .seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec)
    }

    /// Whether the writer has finished, because the inode changed after the content.
    ///
    /// rename(2) causes that, and so do programs that set times, owner or permissions of a copy.
    /// While a file is written, both times change together. A rename within the same tick of the
    /// kernel's clock is not detected; see `FileWatch.wantsSecondLook`.
    var isComplete: Bool { size > 0 && modified < changed }

    var isEmpty: Bool { size == 0 }

    /// Whether this is a different file than `other`, not only a different state of it.
    func isReplacement(of other: FileStamp?) -> Bool { inode != other?.inode }
}

/// The kind of a file, by how it can be read.
package enum FileKind: String, Sendable {
    case regular = "regular file"
    /// `/dev/null`, which reads as an empty file.
    case null = "null device"
    case directory
    case pipe
    case socket
    case device

    /// Major 1, minor 3: null(4).
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
