internal import Glibc

/// The directory that keeps the generated node id across restarts.
package struct StateDirectory: Sendable {
    /// The size limit of the id file.
    static let maximumBytes = 1_024

    var path: String

    package init(path: String) { self.path = path }

    /// The file that contains the id, as one line.
    var idPath: String { path + "/node-id" }

    /// Why the id could not be read or kept; the process exits with 74.
    package enum Fault: Error, Hashable, Sendable {
        case unreadable(path: String, cause: String)
        /// The file contains no valid id. It is not replaced, so that the operator can look at it.
        case corrupt(path: String)
        case notWritable(path: String, cause: String)
    }

    /// Returns the kept id; if there is none, keeps the one that `make` returns.
    ///
    /// Several first starts at the same time return the same id: the first one that was kept.
    package func nodeID(
        isValid: (String) -> Bool,
        orKeep make: () -> String
    ) throws(Fault) -> String {
        removeAbandonedDrafts()
        if let kept = try keptID(isValid: isValid) { return kept }
        let made = make()
        if try keep(made) { return made }
        guard let kept = try keptID(isValid: isValid) else {
            // The name exists but is not a file, for example a dangling link.
            throw .corrupt(path: idPath)
        }
        return kept
    }

    /// The kept id; nil if the file does not exist.
    func keptID(isValid: (String) -> Bool) throws(Fault) -> String? {
        guard unsafe access(idPath, F_OK) == 0 || errno != ENOENT else { return nil }
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try contents(of: idPath, atMost: Self.maximumBytes)
        } catch {
            throw .unreadable(path: idPath, cause: error.description)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .corrupt(path: idPath)
        }
        let id = text.hasSuffix("\n") ? String(text.dropLast()) : text
        guard isValid(id) else { throw .corrupt(path: idPath) }
        return id
    }

    /// Keeps an id; returns false if another one is already kept.
    ///
    /// The file appears complete or not at all, even after a power failure: a draft is synchronized
    /// to disk, and link(2), which never replaces a file, gives it its name.
    private func keep(_ id: String) throws(Fault) -> Bool {
        let draft = try makeDraft(containing: id + "\n")
        let isLinked = unsafe link(draft.path, idPath) == 0
        guard isLinked || errno == EEXIST else { throw notWritable() }
        // Removes the draft, so that the directory is synchronized without it.
        _ = consume draft
        try synchronizeDirectory()
        return isLinked
    }

    private func synchronizeDirectory() throws(Fault) {
        let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw notWritable() }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw notWritable() }
    }

    /// A fault with the message of errno.
    func notWritable() -> Fault { .notWritable(path: path, cause: systemError()) }
}

extension StateDirectory.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let cause): "\(path) \(cause)"
        case .corrupt(let path): "\(path) contains no valid node id; fix or delete the file"
        case .notWritable(let path, let cause):
            "the state directory \(path) cannot be written: \(cause)"
        }
    }
}
