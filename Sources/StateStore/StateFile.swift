internal import CSQLite
internal import Glibc

/// The database file of a state directory, opened for writing and checked.
struct StateFile {
    /// The version of the tables; a file with a later version is not read.
    static let schema = 1
    /// "NOVA", which identifies a state file of this program (PRAGMA application_id).
    private static let application = 0x4E4F_5641
    /// The largest file whose pages are all checked at startup, which delays the start.
    private static let checkedBytes = 64 * 1_024 * 1_024

    let path: String
    let connection: SQLiteConnection

    /// Opens the file, or creates it.
    init(_ path: String) throws(StoreFault) {
        self.path = path
        do throws(SQLiteError) {
            var status = stat()
            let exists = unsafe stat(path, &status) == 0
            if exists, status.st_size == 0 {
                // SQLite would treat it as a new file.
                throw SQLiteError("the file is empty")
            }
            if !exists { try Self.create(path) }
            connection = try SQLiteConnection(path, .readWrite)
            try connection.execute("PRAGMA busy_timeout = \(Self.patience)")
            if exists {
                try Self.check(connection, path: path, bytes: Int(status.st_size))
            }
            // Commits do not wait for the disk: a killed process loses nothing, a power failure at
            // most the last commits. The file stays consistent in both cases.
            try connection.execute(
                """
                PRAGMA journal_mode = WAL;
                PRAGMA wal_autocheckpoint = \(Self.logPages);
                PRAGMA synchronous = NORMAL;
                PRAGMA cache_size = -\(Self.cacheKiB);
                PRAGMA temp_store = MEMORY;
                """
            )
        } catch {
            throw StoreFault(error, path: path, isOpening: true)
        }
    }

    /// Opens an existing file to read it, without SQLite's index file, which needs disk space.
    init(reading path: String) throws(StoreFault) {
        self.path = path
        do throws(SQLiteError) {
            var status = stat()
            guard unsafe stat(path, &status) == 0 else {
                throw unsafe SQLiteError(SQLITE_CANTOPEN, nil)
            }
            let hasLog = unsafe access(path + "-wal", F_OK) == 0
            connection = try SQLiteConnection(path, hasLog ? .readWrite : .immutable)
            // The index of the log is then in memory.
            if hasLog { try connection.execute("PRAGMA locking_mode = EXCLUSIVE") }
            try Self.check(connection, path: path, bytes: Int(status.st_size))
        } catch {
            throw StoreFault(error, path: path, isOpening: true)
        }
    }

    /// How long a statement waits for another process that reads the file, in milliseconds.
    private static let patience = 2_000
    private static let cacheKiB = 512
    /// The size of the pages of a new file.
    ///
    /// A save of many peers makes five system calls for each page. The default is 4 KiB.
    private static let pageBytes = 16_384
    /// The length from which the log is copied into the file: 4 MiB.
    private static let logPages = 256

    private static func check(
        _ connection: SQLiteConnection,
        path: String,
        bytes: Int
    ) throws(SQLiteError) {
        let found = try connection.integer("PRAGMA user_version") ?? 0
        guard try connection.integer("PRAGMA application_id") == Int64(application) else {
            throw SQLiteError("it is not a state file of nova-federation")
        }
        guard found <= schema else { throw SQLiteError(schema: Int(found)) }
        guard bytes <= checkedBytes else { return }
        var report: String?
        try connection.prepare("PRAGMA quick_check(1)").run { row in report = row.text(0) }
        guard report == "ok" else { throw SQLiteError(report ?? "the check gave no result") }
    }

    /// Creates the file under another name, and renames it when it is complete.
    ///
    /// If the disk is full, or the process is killed, no incomplete file is left that the next
    /// attempt would take for a damaged one.
    private static func create(_ path: String) throws(SQLiteError) {
        let draft = path + ".new"
        func removeDraft() {
            for suffix in ["", "-journal"] { unsafe unlink(draft + suffix) }
        }
        removeDraft()
        do throws(SQLiteError) {
            try createTables(SQLiteConnection(draft, .readWrite))
        } catch {
            removeDraft()
            throw error
        }
        // The log of a file that was deleted must not be applied to this one.
        for suffix in ["-wal", "-shm"] { unsafe unlink(path + suffix) }
        guard unsafe rename(draft, path) == 0 else { throw unsafe SQLiteError(SQLITE_IOERR, nil) }
    }

    private static func createTables(
        _ connection: SQLiteConnection
    ) throws(SQLiteError) {
        try connection.execute(
            """
            PRAGMA page_size = \(pageBytes);
            BEGIN;
            PRAGMA application_id = \(application);
            PRAGMA user_version = \(schema);
            CREATE TABLE node (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
            CREATE TABLE peers (
                id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, state BLOB NOT NULL
            ) STRICT;
            CREATE TABLE events (
                id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, peer TEXT, url TEXT,
                reason TEXT, phase TEXT, status INTEGER, detail TEXT, lasted REAL,
                lateness REAL NOT NULL, old TEXT, new TEXT, count INTEGER
            ) STRICT;
            CREATE INDEX events_by_kind ON events (kind);
            CREATE INDEX events_by_peer ON events (peer) WHERE peer IS NOT NULL;
            CREATE INDEX events_by_url ON events (url) WHERE url IS NOT NULL;
            COMMIT;
            """
        )
    }

    /// Renames the file and its log, so that a new file can be created.
    ///
    /// SQLite finds the log by the name of the file, so both get the same new name.
    static func setAside(_ path: String, seconds: Int) throws(StoreFault) -> String {
        let aside = "\(path).corrupt-\(seconds)"
        guard unsafe rename(path, aside) == 0 || errno == ENOENT else {
            throw StoreFault(opening: path, errno)
        }
        // There may be no log. SQLite rebuilds the index of a log, so it is deleted.
        unsafe rename(path + "-wal", aside + "-wal")
        unsafe unlink(path + "-shm")
        return aside
    }
}

/// The place of a file in its file system, which differs for a file that replaced it.
struct FilePlace: Equatable {
    private let device: UInt64
    private let inode: UInt64

    /// Nil if there is no file.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
