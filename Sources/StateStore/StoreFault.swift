internal import CSQLite

/// Why the state cannot be opened, read or saved.
package enum StoreFault: Error, Hashable, Sendable {
    /// Another process uses the directory; its pid, or nil if it runs in another container.
    case inUse(directory: String, pid: Int32?)
    /// This user may not write here; a retry cannot help.
    case notWritable(path: String, cause: String)
    /// A later version of this program wrote the file.
    case newer(path: String, found: Int, known: Int)
    /// The file is damaged, or is not a file of this program.
    case corrupt(path: String, cause: String)
    /// The disk is full, or reads or writes fail; a retry may help.
    case failed(path: String, cause: String)
    /// A query takes too long.
    case tooMuch

    /// Whether the node must not run with this directory.
    package var isFinal: Bool {
        switch self {
        case .inUse, .notWritable, .newer: true
        case .corrupt, .failed, .tooMuch: false
        }
    }

    /// `isOpening` tells a file without our tables, which is damaged, from a bug.
    init(_ error: SQLiteError, path: String, isOpening: Bool = false) {
        switch error.cause {
        case .content: self = .corrupt(path: path, cause: error.message)
        case .schema(let found): self = .newer(path: path, found: found, known: StateFile.schema)
        case .code(let code):
            // The lowest byte is the primary result code.
            switch code & 0xFF {
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_MISMATCH:
                self = .corrupt(path: path, cause: error.message)
            case SQLITE_ERROR where isOpening: self = .corrupt(path: path, cause: error.message)
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
                self = .notWritable(path: path, cause: error.message)
            case SQLITE_INTERRUPT: self = .tooMuch
            default: self = .failed(path: path, cause: error.message)
            }
        }
    }
}

extension StoreFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let directory, let pid):
            "the state directory \(directory) is in use by "
                + (pid.map { "process \($0)" } ?? "a process in another container")
                + "; stop it, or set NOVA_FED_STATE_DIR to another directory"
        case .notWritable(let path, let cause):
            "\(path) cannot be written: \(cause); it must belong to the user of this process"
        case .newer(let path, let found, let known):
            "\(path) was written by a later version (schema \(found); this one knows \(known)); "
                + "install that version, or move the file away to start with empty state"
        case .corrupt(let path, let cause): "\(path) is damaged: \(cause)"
        case .failed(let path, let cause): "\(path): \(cause)"
        case .tooMuch: "the query took too long; request a later since, or one peer"
        }
    }
}
