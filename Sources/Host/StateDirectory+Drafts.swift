internal import FoundationEssentials
internal import Glibc
internal import JSON

// A draft is a whole file that has not got its name yet. Whoever makes one holds a lock on it,
// flock(2), until it is gone. A killed process leaves its draft behind, but no lock.
extension StateDirectory {
    /// How often a draft is made that another process takes for an abandoned one.
    private static let attempts = 8

    /// Makes a draft, forced to disk and locked until its descriptor is closed.
    func makeDraft(holding text: String) throws(Fault) -> (path: String, descriptor: Int32) {
        for _ in 0..<Self.attempts {
            let path = "\(idPath).\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor = unsafe open(path, flags, 0o644)
            guard descriptor >= 0 else { throw notWritable() }
            // Between the two calls another start may have locked and removed it.
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

    /// Removes the drafts of starts that were killed, and none that is in use.
    func removeAbandonedDrafts() {
        // What cannot be listed or removed is harmless.
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

    /// Whether a file has the name of a draft: `node-id.<pid>-<number>`.
    private func isDraft(_ name: String) -> Bool {
        let prefix = "node-id."
        guard name.hasPrefix(prefix) else { return false }
        let numbers = name.dropFirst(prefix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        return numbers.count == 2
            && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }
    }

    /// Whether this process now holds the lock, or the file system has none.
    private func isLocked(_ descriptor: Int32) -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
    }

    private func hasName(_ descriptor: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
    }

    /// Writes all of a text; else false, and errno says why.
    private func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            guard case .wrote(let count) = WriteAttempt(rest, to: descriptor) else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
