internal import Glibc

/// A lock of fcntl(2), which reserves a state directory for this process until it ends.
///
/// Unlike flock(2), fcntl(2) returns the process id of the holder. The lock ends when the process
/// closes any descriptor of the file, so no other code of this process may open it.
@safe struct DirectoryLock: ~Copyable {
    private let descriptor: Int32

    init(_ directory: String) throws(StoreFault) {
        let path = directory + "/state.lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreFault(opening: path, errno) }
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        guard unsafe fcntl(descriptor, F_SETLK, &request) != 0 else { return }
        let code = errno
        defer { close(descriptor) }
        guard code == EACCES || code == EAGAIN else { throw StoreFault(opening: path, code) }
        // The holder may have ended since; then there is no pid.
        let isHeld = unsafe fcntl(descriptor, F_GETLK, &request) == 0 && request.l_pid > 0
        throw .inUse(directory: directory, pid: isHeld ? request.l_pid : nil)
    }

    deinit { close(descriptor) }
}

extension StoreFault {
    /// The fault of an errno of open(2) or a similar call.
    init(opening path: String, _ code: Int32) {
        let cause = unsafe String(cString: strerror(code))
        switch code {
        case EACCES, EPERM, EROFS, ENOENT, ENOTDIR, ELOOP:
            self = .notWritable(path: path, cause: cause)
        default: self = .failed(path: path, cause: cause)
        }
    }
}
