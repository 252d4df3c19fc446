internal import FoundationEssentials
internal import Glibc
internal import JSON

// A draft is the complete new file under a temporary name. Its process locks it with flock(2) until
// it is removed. If the process is killed, the draft remains, but the lock does not.
extension StateDirectory {
    /// How often to try again if another process removes the draft as abandoned.
    private static let attempts = 8

    /// Creates a draft on disk, locked until the caller closes its descriptor.
    func makeDraft(containing text: String) throws(Fault) -> (path: String, descriptor: Int32) {
        for _ in 0..<Self.attempts {
            let path = "\(idPath).\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor = unsafe open(path, flags, 0o644)
            guard descriptor >= 0 else { throw notWritable() }
            // Another process may have locked and removed it since open(2).
            guard isLocked(descriptor), hasName(descriptor) else {
                close(descriptor)
                unsafe unlink(path)
                continue
            }
            guard write(text, to: descriptor), fsync(descriptor) == 0 else {
                let fault = notWritable()
                close(descriptor)
                unsafe unlink(path)
                throw fault
            }
            return (path, descriptor)
        }
        throw .notWritable(path: path, cause: "other starts keep removing its drafts")
    }

    /// Removes the drafts of killed processes, but none that is in use.
    func removeAbandonedDrafts() {
        // A draft that cannot be listed or removed is harmless.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where isDraft(name) {
            let draft = path + "/" + name
            let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            let descriptor = unsafe open(draft, flags)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(draft) }
            close(descriptor)
        }
    }

    /// Whether this is the name of a draft: `node-id.<pid>-<number>`.
    private func isDraft(_ name: String) -> Bool {
        let prefix = "node-id."
        guard name.hasPrefix(prefix) else { return false }
        let numbers = name.dropFirst(prefix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }
    }

    /// Locks a file; returns true also if the file system does not support locks.
    private func isLocked(_ descriptor: Int32) -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
    }

    private func hasName(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    /// Writes a whole text; if it returns false, errno is set.
    private func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            guard case .wrote(let count) = WriteAttempt(rest, to: descriptor) else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
