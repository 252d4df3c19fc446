internal import CSQLite
internal import Glibc

/// A connection to a database file (sqlite3_open_v2(3)); for one thread at a time.
@safe final class SQLiteConnection {
    enum Access {
        case readWrite
        case readOnly
        /// Nothing writes to the file, so SQLite needs no log and no locks beside it.
        case immutable
    }

    private let database: OpaquePointer

    init(_ path: String, _ access: Access) throws(SQLiteError) {
        var opened: OpaquePointer?
        let (name, mode) =
            switch access {
            case .readWrite: (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            case .readOnly: (path, SQLITE_OPEN_READONLY)
            case .immutable:
                ("file:\(path.escapedForURL)?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
            }
        let flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(name, &opened, flags, nil)
        guard code == SQLITE_OK, let database = unsafe opened else {
            let error = unsafe SQLiteError(code, opened)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe self.database = database
    }

    deinit {
        // SQLite closes the connection when all its statements are finalized.
        unsafe sqlite3_close_v2(database)
    }

    /// Runs statements without parameters, and ignores their rows.
    func execute(_ sql: String) throws(SQLiteError) {
        let code = unsafe sqlite3_exec(database, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe SQLiteError(code, database) }
    }

    /// Compiles one statement, to be run any number of times.
    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        var made: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = unsafe sqlite3_prepare_v3(database, sql, -1, flags, &made, nil)
        guard code == SQLITE_OK, let statement = unsafe made else {
            throw unsafe SQLiteError(code, database)
        }
        return unsafe SQLiteStatement(statement)
    }

    /// The number of rows that the last INSERT, UPDATE or DELETE changed.
    var changes: Int { unsafe Int(sqlite3_changes(database)) }

    /// The first column of the first row, as an integer; nil without a row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        var value: Int64?
        try prepare(sql).run { row in value = row.integer(0) }
        return value
    }

    /// Makes statements that run for longer than `steps` million instructions of SQLite's virtual
    /// machine fail with SQLITE_INTERRUPT.
    func limitEffort(millions: Int32) {
        unsafe sqlite3_progress_handler(database, millions * 1_000_000, { _ in 1 }, nil)
    }
}

/// A value of a parameter.
enum SQLiteValue {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// A compiled statement (sqlite3_stmt).
@safe final class SQLiteStatement {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    deinit { unsafe sqlite3_finalize(statement) }

    /// Runs the statement with these parameters, and calls `visit` with each row.
    func run(
        _ values: [SQLiteValue] = [],
        _ visit: (borrowing SQLiteRow) -> Void = { _ in }
    ) throws(SQLiteError) {
        try step(values) { row in
            visit(row)
            return true
        }
    }

    /// Runs the statement, and calls `visit` with each row until it returns false.
    func step(
        _ values: [SQLiteValue],
        while visit: (borrowing SQLiteRow) -> Bool
    ) throws(SQLiteError) {
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (place, value) in values.enumerated() { try bind(value, to: Int32(place + 1)) }
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw error(code) }
            guard visit(unsafe SQLiteRow(statement)) else { return }
        }
    }

    private func bind(_ value: SQLiteValue, to index: Int32) throws(SQLiteError) {
        let code =
            switch value {
            case .null: unsafe sqlite3_bind_null(statement, index)
            case .integer(let number): unsafe sqlite3_bind_int64(statement, index, number)
            case .real(let number): unsafe sqlite3_bind_double(statement, index, number)
            case .text(var text):
                text.withUTF8 {
                    unsafe nova_bind_text(statement, index, $0.baseAddress, $0.count)
                }
            case .blob(let bytes):
                unsafe bytes.withUnsafeBytes {
                    unsafe nova_bind_blob(statement, index, $0.baseAddress, $0.count)
                }
            }
        guard code == SQLITE_OK else { throw error(code) }
    }

    private func error(_ code: Int32) -> SQLiteError {
        unsafe SQLiteError(code, sqlite3_db_handle(statement))
    }
}

/// The current row of a statement; nil means NULL.
@safe struct SQLiteRow: ~Copyable {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    borrowing func integer(_ column: Int32) -> Int64? {
        isNull(column) ? nil : unsafe sqlite3_column_int64(statement, column)
    }

    borrowing func real(_ column: Int32) -> Double? {
        isNull(column) ? nil : unsafe sqlite3_column_double(statement, column)
    }

    borrowing func text(_ column: Int32) -> String? {
        unsafe sqlite3_column_text(statement, column).map { unsafe String(cString: $0) }
    }

    borrowing func blob(_ column: Int32) -> [UInt8]? {
        if isNull(column) { return nil }
        let start = unsafe sqlite3_column_blob(statement, column)
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    private borrowing func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }
}

/// Why a call of SQLite failed, or why its result cannot be used.
struct SQLiteError: Error {
    enum Cause: Equatable {
        /// A result code of SQLite.
        case code(Int32)
        /// The content of the file is invalid.
        case content
        /// The file has tables of this later version.
        case schema(Int)
    }

    let cause: Cause
    let message: String

    /// `database` may be nil, if there was no memory for a connection.
    init(_ code: Int32, _ database: OpaquePointer?) {
        cause = .code(code)
        let text = unsafe database == nil ? sqlite3_errstr(code) : sqlite3_errmsg(database)
        let message = unsafe text.map { unsafe String(cString: $0) } ?? "error \(code)"
        let errno = unsafe database.map { unsafe sqlite3_system_errno($0) } ?? 0
        self.message =
            errno == 0 ? message : unsafe "\(message): \(String(cString: strerror(errno)))"
    }

    init(_ content: String) { (cause, message) = (.content, content) }
    init(schema: Int) { (cause, message) = (.schema(schema), "") }
}
