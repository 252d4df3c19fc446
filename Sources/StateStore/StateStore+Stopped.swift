internal import CSQLite
internal import Glibc

extension StateStore {
    /// The events in the state directory of a node that is not running; changes nothing there.
    ///
    /// The peer of the query is the label that the events have.
    package static func events(
        in directory: String,
        _ query: EventQuery
    ) throws(StoreFault) -> [EventRow] {
        let path = directory + "/state.db"
        do throws(SQLiteError) {
            // A node that was killed leaves a log, which belongs to the file.
            let hasLog = unsafe access(path + "-wal", F_OK) == 0
            let connection = try SQLiteConnection(path, hasLog ? .readOnly : .immutable)
            var rows: [EventRow] = []
            let (sql, parameters) = query.statement
            try connection.prepare(sql)
                .step(parameters) { row in query.takes(row, into: &rows) }
            return rows
        } catch {
            throw StoreFault(error, path: path)
        }
    }

    /// The version of SQLite that is loaded.
    package static var libraryVersion: String {
        unsafe "sqlite/" + String(cString: sqlite3_libversion())
    }
}
