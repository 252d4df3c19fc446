internal import Glibc

/// The directory in which a node keeps what has to survive a restart: its generated id.
package struct StateDirectory: Sendable {
    /// The largest id file that is read.
    static let maximumBytes = 1_024

    var path: String

    package init(path: String) { self.path = path }

    /// Where the id is kept: one line.
    var idPath: String { path + "/node-id" }

    /// Why the id could neither be read nor kept; the process ends with 74.
    package enum Fault: Error, Hashable, Sendable {
        case unreadable(path: String, cause: String)
        /// What the file has is no node id; it is left for somebody to look at.
        case corrupt(path: String)
        case notWritable(path: String, cause: String)
    }

    /// The id that is kept, or the one that `make` returns, which from then on is.
    ///
    /// Of several first starts at once all return the same id: the first that was kept.
    package func nodeID(
        isValid: (String) -> Bool,
        orKeep make: () -> String
    ) throws(Fault) -> String {
        removeAbandonedDrafts()
        if let kept = try keptID(isValid: isValid) { return kept }
        let made = make()
        if try keep(made) { return made }
        guard let kept = try keptID(isValid: isValid) else {
            // Something has the name that is no file, a link to nowhere for example.
            throw .corrupt(path: idPath)
        }
        return kept
    }

    /// The id that is kept; nil if there is no such file.
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

    /// Keeps an id unless one is kept already; true if it was this one.
    ///
    /// The file is there whole or not at all, power cuts included: a file beside it, forced to
    /// disk, is given its name by link(2), which replaces nothing.
    private func keep(_ id: String) throws(Fault) -> Bool {
        let draft = try makeDraft(holding: id + "\n")
        defer { close(draft.descriptor) }
        let isLinked = unsafe link(draft.path, idPath) == 0
        let isTaken = !isLinked && errno == EEXIST
        let fault = notWritable()
        unsafe unlink(draft.path)
        guard isLinked || isTaken else { throw fault }
        try forceDirectory()
        return isLinked
    }

    private func forceDirectory() throws(Fault) {
        let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw notWritable() }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw notWritable() }
    }

    /// With what the last system call said.
    func notWritable() -> Fault { .notWritable(path: path, cause: systemError()) }
}

extension StateDirectory.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let cause): "\(path) \(cause)"
        case .corrupt(let path):
            "\(path) contains no valid node id; fix or delete the file"
        case .notWritable(let path, let cause):
            "the state directory \(path) cannot be written: \(cause)"
        }
    }
}
