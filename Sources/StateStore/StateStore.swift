internal import Synchronization

/// The state and the events of a node in a SQLite file; does not interpret the rows.
///
/// Calls block on the disk, so neither the pull thread nor a serving thread may make them. They are
/// allowed from any other thread: saves take turns, and events are read on another connection.
package final class StateStore: Sendable {
    /// The largest id of an event so far, deleted ones included; 0 if there was none.
    package typealias LastEvent = Int64

    /// What to save besides the peers, in the same transaction.
    package struct Batch: Sendable {
        /// By name; replaces the value.
        package var values: [String: [UInt8]] = [:]
        /// Inserted, or replaced if the id exists.
        package var events: [EventRow] = []
        /// The largest id of an event so far, those that are not in `events` included.
        package var lastEvent: LastEvent = 0
        /// If not nil, the peers with other URLs are deleted.
        package var remainingPeers: Set<String>?
        /// Events before this time, in Unix seconds, are deleted.
        package var oldestEvent = -Double.infinity
        /// More events than this are deleted, oldest first.
        package var eventLimit = Int64.max

        package init() {}
    }

    /// The directory, as it was given.
    package let directory: String
    /// Nil while there is no room on the disk for the file of the lock.
    private let lock = Mutex<DirectoryLock?>(nil)
    private let writer = Mutex<StateWriter?>(nil)
    private let reader = Mutex<SQLiteConnection?>(nil)
    /// Damage that a reader found; the writer may not notice it, because it has a cache.
    private let damage = Mutex<StoreFault?>(nil)
    private let openFlag = Atomic(false)
    /// Where the open file is.
    private let place = Mutex<FilePlace?>(nil)

    package var path: String { directory + "/state.db" }

    /// Locks the directory for this process; `open` opens the file.
    ///
    /// If the disk is full or fails, `open` tries again to lock it.
    ///
    /// - Throws: A fault that is final.
    package init(directory: String) throws(StoreFault) {
        self.directory = directory
        do throws(StoreFault) {
            try lockDirectory()
        } catch {
            if error.isFinal { throw error }
        }
    }

    private func lockDirectory() throws(StoreFault) {
        try lock.withLock { lock throws(StoreFault) in
            if lock == nil { lock = try DirectoryLock(directory) }
        }
    }

    /// Opens the file, or creates it.
    ///
    /// - Throws: `corrupt` for a file that must be set aside; `failed` if a retry may help; a final
    ///   fault if another process uses the directory.
    package func open() throws(StoreFault) -> LastEvent {
        try lockDirectory()
        // A query may have opened the file that was set aside.
        reader.withLock { $0 = nil }
        return try writer.withLock { writer throws(StoreFault) in
            let opened = try StateWriter(StateFile(path))
            let last = try opened.lastEvent()
            writer = opened
            place.withLock { $0 = FilePlace(path) }
            openFlag.store(true, ordering: .relaxed)
            return last
        }
    }

    /// Opens a file that `open` cannot open because the disk is full, to read its values and peers.
    ///
    /// Then `close` it: it cannot be saved, and its events cannot be queried.
    package func openForReading() throws(StoreFault) -> LastEvent {
        try lockDirectory()
        return try writer.withLock { writer throws(StoreFault) in
            let opened = try StateWriter(StateFile(reading: path))
            let last = try opened.lastEvent()
            writer = opened
            return last
        }
    }

    /// Whether `open` succeeded; does not wait for a save.
    package var isOpen: Bool { openFlag.load(ordering: .relaxed) }

    /// Closes the file; SQLite then moves its log into it and deletes the log.
    package func close() {
        openFlag.store(false, ordering: .relaxed)
        reader.withLock { $0 = nil }
        writer.withLock { $0 = nil }
    }

    /// Closes a damaged file and renames it; `open` then creates a new one.
    ///
    /// - Returns: The new name.
    package func setAside(at unixSeconds: Double) throws(StoreFault) -> String {
        close()
        damage.withLock { $0 = nil }
        return try StateFile.setAside(path, seconds: Int(unixSeconds))
    }

    /// The values by name.
    package func values() throws(StoreFault) -> [String: [UInt8]] {
        try withWriter { writer throws(StoreFault) in try writer.values() }
    }

    /// Calls `visit` with the URL and the state of each peer.
    package func readPeers(_ visit: (String, [UInt8]) -> Void) throws(StoreFault) {
        try withWriter { writer throws(StoreFault) in try writer.readPeers(visit) }
    }

    /// Saves everything in one transaction, or nothing.
    ///
    /// `peers` calls its argument with the URL and the state of each peer that changed.
    ///
    /// - Throws: `corrupt` also if a query for events found damage.
    package func save(
        _ batch: Batch,
        peers: ((String, [UInt8]) throws(StoreFault) -> Void) throws(StoreFault) -> Void =
            { _ throws(StoreFault) in }
    ) throws(StoreFault) {
        if let damage = damage.withLock(\.self) { throw damage }
        guard FilePlace(path) == place.withLock(\.self) else {
            close()
            throw .failed(path: path, cause: "the file was removed or replaced")
        }
        try withWriter { writer throws(StoreFault) in try writer.save(batch, peers: peers) }
    }

    private func withWriter<Result: Sendable>(
        _ body: (StateWriter) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try writer.withLock { writer throws(StoreFault) in
            guard let writer else { throw .failed(path: path, cause: "the file is not open") }
            return try body(writer)
        }
    }

    /// The events of a query and the next one, if there is one, newest first.
    ///
    /// - Throws: `tooMuch` if the query takes too long.
    package func events(_ query: EventQuery) throws(StoreFault) -> [EventRow] {
        try withReader { connection throws(SQLiteError) in
            var rows: [EventRow] = []
            let (sql, parameters) = query.statement
            try connection.prepare(sql)
                .step(parameters) { row in query.takes(row, into: &rows) }
            return rows
        }
    }

    /// The time of the oldest event, in Unix seconds; nil if there is none.
    package func oldestEvent() throws(StoreFault) -> Double? {
        try withReader { connection throws(SQLiteError) in
            var oldest: Double?
            try connection.prepare("SELECT at FROM events ORDER BY id LIMIT 1")
                .run { row in
                    oldest = row.real(0)
                }
            return oldest
        }
    }

    /// The limit of a query in millions of SQLite's instructions.
    private static let effort: Int32 = 20

    private func withReader<Result: Sendable>(
        _ body: (SQLiteConnection) throws(SQLiteError) -> Result
    ) throws(StoreFault) -> Result {
        try reader.withLock { reader throws(StoreFault) in
            do throws(SQLiteError) {
                if reader == nil {
                    reader = try SQLiteConnection(path, .readOnly)
                    reader?.limitEffort(millions: Self.effort)
                }
                guard let reader else { preconditionFailure("the connection was just opened") }
                return try body(reader)
            } catch {
                let fault = StoreFault(error, path: path)
                if case .corrupt = fault { damage.withLock { $0 = fault } }
                throw fault
            }
        }
    }
}
