/// The statements that write to a state file.
final class StateWriter {
    private let file: StateFile
    private let putValue: SQLiteStatement
    private let putPeer: SQLiteStatement
    private let updatePeer: SQLiteStatement
    private let putEvent: SQLiteStatement
    /// The ids of the peers that were saved, by URL.
    ///
    /// The index of the URLs does not fit into the cache of SQLite, and peers are not saved in its
    /// order, so each lookup in it may read a page.
    private var ids: [String: Int64] = [:]

    init(_ file: StateFile) throws(StoreFault) {
        let path = file.path
        do throws(SQLiteError) {
            putValue = try file.connection.prepare("INSERT OR REPLACE INTO node VALUES (?, ?)")
            putPeer = try file.connection.prepare(
                """
                INSERT INTO peers (url, state) VALUES (?, ?)
                ON CONFLICT (url) DO UPDATE SET state = excluded.state
                RETURNING id
                """
            )
            updatePeer = try file.connection.prepare("UPDATE peers SET state = ? WHERE id = ?")
            putEvent = try file.connection.prepare(
                """
                INSERT OR REPLACE INTO events (\(EventRow.columns))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            )
        } catch {
            throw StoreFault(error, path: path, isOpening: true)
        }
        self.file = file
    }

    func lastEvent() throws(StoreFault) -> Int64 {
        try translate { () throws(SQLiteError) in
            // Stored separately, so that the id of a deleted event is not used again.
            try file.connection.integer(
                """
                SELECT max(
                    ifnull((SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM node
                            WHERE name = 'last_event'), 0),
                    ifnull((SELECT max(id) FROM events), 0))
                """
            ) ?? 0
        }
    }

    func values() throws(StoreFault) -> [String: [UInt8]] {
        try translate { () throws(SQLiteError) in
            var values: [String: [UInt8]] = [:]
            try file.connection.prepare("SELECT name, value FROM node")
                .run { row in
                    if let name = row.text(0), let value = row.blob(1) { values[name] = value }
                }
            return values
        }
    }

    func readPeers(_ visit: (String, [UInt8]) -> Void) throws(StoreFault) {
        try translate { () throws(SQLiteError) in
            try file.connection.prepare("SELECT url, state FROM peers ORDER BY id")
                .run { row in
                    if let url = row.text(0), let state = row.blob(1) { visit(url, state) }
                }
        }
    }

    func save(
        _ batch: StateStore.Batch,
        peers: ((String, [UInt8]) throws(StoreFault) -> Void) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try translate { () throws(SQLiteError) in try file.connection.execute("BEGIN IMMEDIATE") }
        do throws(StoreFault) {
            try peers { url, state throws(StoreFault) in
                try translate { () throws(SQLiteError) in try put(state, of: url) }
            }
            try translate { () throws(SQLiteError) in
                try put(batch)
                try file.connection.execute("COMMIT")
            }
        } catch {
            // Some errors have rolled back already; then there is nothing to roll back.
            try? file.connection.execute("ROLLBACK")
            ids = [:]
            throw error
        }
    }

    private func put(_ state: [UInt8], of url: String) throws(SQLiteError) {
        if let id = ids[url] {
            try updatePeer.run([.blob(state), .integer(id)])
            if file.connection.changes > 0 { return }
        }
        try putPeer.run([.text(url), .blob(state)]) { row in ids[url] = row.integer(0) }
    }

    private func put(_ batch: StateStore.Batch) throws(SQLiteError) {
        for (name, value) in batch.values { try putValue.run([.text(name), .blob(value)]) }
        for event in batch.events { try putEvent.run(event.parameters) }
        let last = Array("\(batch.lastEvent)".utf8)
        try putValue.run([.text("last_event"), .blob(last)])
        if let remaining = batch.remainingPeers { try deletePeers(except: remaining) }
        try deleteEvents(before: batch.oldestEvent, beyond: batch.eventLimit)
    }

    private func deletePeers(except remaining: Set<String>) throws(SQLiteError) {
        var gone: [Int64] = []
        try file.connection.prepare("SELECT id, url FROM peers")
            .run { row in
                guard let id = row.integer(0), row.text(1).map(remaining.contains) != true else {
                    return
                }
                gone.append(id)
            }
        ids = ids.filter { remaining.contains($0.key) }
        let delete = try file.connection.prepare("DELETE FROM peers WHERE id = ?")
        for id in gone { try delete.run([.integer(id)]) }
    }

    /// The most events that one save deletes because of their age, so that it stays short.
    private static let deletedAtOnce = 10_000

    /// Deletes events from the oldest on, up to the first that is recent enough.
    ///
    /// Ids are in the order of time, unless the clock was set back.
    private func deleteEvents(before oldest: Double, beyond most: Int64) throws(SQLiteError) {
        let range = try file.connection.prepare("SELECT min(id), max(id) FROM events")
        var ends: (first: Int64, last: Int64)?
        try range.run { row in
            if let first = row.integer(0), let last = row.integer(1) { ends = (first, last) }
        }
        guard let ends else { return }
        var end = ends.last - min(most, ends.last)
        let old = try file.connection.prepare("SELECT id, at FROM events ORDER BY id LIMIT ?")
        // Most saves find no old event, and read one.
        for limit in [1, Self.deletedAtOnce] {
            var isOld = true
            try old.run([.integer(Int64(limit))]) { row in
                isOld = isOld && (row.real(1) ?? oldest) < oldest
                if isOld, let id = row.integer(0) { end = max(end, id) }
            }
            guard isOld else { break }
        }
        guard end >= ends.first else { return }
        try file.connection.prepare("DELETE FROM events WHERE id <= ?").run([.integer(end)])
    }

    private func translate<Result>(
        _ body: () throws(SQLiteError) -> Result
    ) throws(StoreFault) -> Result {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw StoreFault(error, path: file.path)
        }
    }
}
