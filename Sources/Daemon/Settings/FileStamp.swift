import Glibc

/// Tells one state of a file from another: inode, size, and when it or its rights changed.
struct FileStamp: Hashable, Sendable {
    var isRegular: Bool
    private var inode: UInt
    private var size: Int
    private var seconds: Int
    private var nanoseconds: Int

    /// What the file at `path` is like now; it blocks.
    init(_ path: String) throws(FileFault) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .unreadable(systemError()) }
        isRegular = status.st_mode & S_IFMT == S_IFREG
        inode = status.st_ino
        size = status.st_size
        seconds = status.st_ctim.tv_sec
        nanoseconds = status.st_ctim.tv_nsec
    }
}
