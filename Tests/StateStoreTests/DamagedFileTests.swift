import Glibc
import TestSupport
import Testing

@testable import StateStore

/// Files and directories that cannot be used.
@Suite struct DamagedFileTests {
    /// Creates a file with ten peers, and closes it.
    private static func fill(_ directory: String) throws {
        let store = try StateStore(directory: directory)
        _ = try store.open()
        try store.save(StateStore.Batch()) { put throws(StoreFault) in
            for number in 0..<10 { try put("http://n\(number)", Array(repeating: 1, count: 2_000)) }
        }
    }

    /// Writes bytes at an offset.
    private static func overwrite(_ path: String, with bytes: [UInt8], at offset: Int) throws {
        let descriptor = unsafe Glibc.open(path, O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(unsafe pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
    }

    enum Damage: CaseIterable {
        case empty, cutShort, otherText, header, page, otherDatabase

        func apply(to path: String) throws {
            switch self {
            case .empty: #expect(unsafe truncate(path, 0) == 0)
            case .cutShort: #expect(unsafe truncate(path, 9_000) == 0)
            case .otherText:
                #expect(unsafe truncate(path, 0) == 0)
                try overwrite(path, with: Array("these are no rows\n".utf8), at: 0)
            case .header: try overwrite(path, with: Array(repeating: 0, count: 100), at: 0)
            case .page: try overwrite(path, with: Array(repeating: 0xA5, count: 16_384), at: 32_768)
            case .otherDatabase: try overwrite(path, with: [0, 0, 0, 1], at: 68)
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func `a damaged file is set aside, and an empty one takes its place`(_ damage: Damage) throws {
        try withDirectory { directory in
            try Self.fill(directory)
            try damage.apply(to: directory + "/state.db")
            let store = try StateStore(directory: directory)
            let fault = #expect(throws: StoreFault.self) { try store.open() }
            guard case .corrupt? = fault else {
                Issue.record("\(damage): \(String(describing: fault))")
                return
            }
            #expect(fault?.isFinal == false)
            let aside = try store.setAside(at: 1_795_333_008.9)
            #expect(aside == directory + "/state.db.corrupt-1795333008")
            #expect(unsafe access(aside, F_OK) == 0)
            #expect(try store.open() == 0)
            try store.save(StateStore.Batch())
        }
    }

    @Test
    func `damage that a query finds is a fault of the next save, until the file is set aside`()
        throws
    {
        try withDirectory { directory in
            let path = directory + "/state.db"
            var batch = StateStore.Batch()
            batch.events = (1...1_000).map { EventRow(id: $0, at: 1, kind: "start", lateness: 0) }
            do {
                let store = try StateStore(directory: directory)
                _ = try store.open()
                try store.save(batch)
                store.close()
            }
            let store = try StateStore(directory: directory)
            _ = try store.open()
            // The writer has read all pages, so it does not read them again.
            try Self.overwrite(path, with: Array(repeating: 0, count: 16 * 4_096), at: 4_096)
            try store.save(StateStore.Batch())
            let found = #expect(throws: StoreFault.self) { try store.events(EventQuery()) }
            guard case .corrupt? = found else {
                Issue.record("\(String(describing: found))")
                return
            }
            for _ in 0..<2 {
                let fault = #expect(throws: StoreFault.self) { try store.save(StateStore.Batch()) }
                #expect(fault == found)
            }
            _ = try store.setAside(at: 1)
            #expect(try store.open() == 0)
            try store.save(batch)
            #expect(try store.events(EventQuery()).count == 101)
        }
    }

    @Test func `a new file has its tables from the moment it has its name`() throws {
        try withDirectory { directory in
            // An interrupted start left a draft, and the log of a file that was deleted.
            let path = directory + "/state.db"
            try Self.fill(directory)
            let old = try StateStore(directory: directory)
            _ = try old.open()
            try old.save(StateStore.Batch()) { put throws(StoreFault) in
                try put("http://old", [1])
            }
            #expect(unsafe unlink(path) == 0)
            #expect(unsafe access(path + "-wal", F_OK) == 0)
            let draft = unsafe creat(path + ".new", 0o600)
            #expect(draft >= 0)
            close(draft)
            let file = try StateFile(path)
            #expect(try file.connection.integer("SELECT count(*) FROM peers") == 0)
            #expect(unsafe access(path + ".new", F_OK) != 0)
        }
    }

    @Test func `a file that a later version wrote stays as it is`() throws {
        try withDirectory { directory in
            try Self.fill(directory)
            do {
                let connection = try SQLiteConnection(directory + "/state.db", .readWrite)
                try connection.execute("PRAGMA user_version = 2")
            }
            let store = try StateStore(directory: directory)
            let path = directory + "/state.db"
            #expect(throws: StoreFault.newer(path: path, found: 2, known: 1)) { try store.open() }
        }
    }

    @Test func `a directory that does not exist is a fault that no retry can fix`() throws {
        let fault = #expect(throws: StoreFault.self) { try StateStore(directory: "/nonexistent") }
        #expect(fault?.isFinal == true)
        #expect(fault?.description.contains("No such file or directory") == true)
    }
}
