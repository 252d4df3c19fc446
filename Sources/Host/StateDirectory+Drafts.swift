internal import FoundationEssentials
internal import Glibc
internal import JSON

extension StateDirectory {
    /// The complete new file under a temporary name, locked with flock(2) until it is removed.
    ///
    /// If its process is killed, the draft remains, but the lock does not.
    struct Draft: ~Copyable {
        let path: String
        let descriptor: Int32

        deinit {
            unsafe unlink(path)
            close(descriptor)
        }

        /// Locks the draft; returns true also if the file system does not support locks.
        func tryLock() -> Bool {
            flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
        }

        func hasName() -> Bool {
            var status = stat()
            return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
        }
    }

    /// How often to try again if another process removes the draft as abandoned.
    private static let attempts = 8

    /// Creates a draft and synchronizes it to disk.
    func makeDraft(containing text: String) throws(Fault) -> Draft {
        for _ in 0..<Self.attempts {
            let path = "\(idPath).\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
            let descriptor = unsafe open(path, flags, 0o644)
            guard descriptor >= 0 else { throw notWritable() }
            let draft = Draft(path: path, descriptor: descriptor)
            // Another process may have locked and removed it since open(2).
            guard draft.tryLock(), draft.hasName() else { continue }
            guard WriteAttempt.writeWhole(text, to: draft.descriptor) == nil,
                fsync(draft.descriptor) == 0
            else { throw notWritable() }
            return draft
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
}
