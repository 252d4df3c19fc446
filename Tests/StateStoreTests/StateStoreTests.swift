import Foundation
import TestSupport
import Testing

@testable import StateStore

/// Runs a test with a directory of its own.
func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = try TemporaryDirectory()
    try body(directory.path)
}

@Suite struct StateStoreTests {
    private func event(_ id: Int64, at: Double = 1, kind: String = "start") -> EventRow {
        EventRow(id: id, at: at, kind: kind, lateness: 0)
    }

    private func open(_ directory: String) throws -> StateStore {
        let store = try StateStore(directory: directory)
        _ = try store.open()
        return store
    }

    @Test func `what was saved is there when the file is opened again`() throws {
        try withDirectory { directory in
            var full = event(7, at: 12.5, kind: "peer_down")
            (full.peer, full.url, full.reason) = ("n3", "http://n3:8100", "timed_out")
            (full.phase, full.status, full.detail) = ("connect", 503, "it's \"late\"")
            (full.lasted, full.from, full.to, full.count) = (0.25, "up", "down", 3)
            do {
                let store = try open(directory)
                var batch = StateStore.Batch()
                batch.values = ["governor": [1, 0, 255], "empty": []]
                batch.events = [event(6), full]
                batch.lastEvent = 9
                try store.save(batch) { put throws(StoreFault) in
                    try put("http://n3:8100", [1, 2, 3])
                    try put("http://n4:8100", [])
                    try put("http://n3:8100", [4])
                }
            }
            let store = try StateStore(directory: directory)
            #expect(try store.open() == 9)
            let values = try store.values()
            #expect(values["governor"] == [1, 0, 255])
            #expect(values["empty"] == [])
            var peers: [String: [UInt8]] = [:]
            try store.readPeers { peers[$0] = $1 }
            #expect(peers == ["http://n3:8100": [4], "http://n4:8100": []])
            #expect(try store.events(EventQuery()) == [full, event(6)])
            #expect(try store.oldestEvent() == 1)
        }
    }

    /// The log of a store that is open is like that of a process that was killed.
    @Test(arguments: [false, true])
    func `a file is read without an index beside it, and can be opened again`(
        hasLog: Bool
    ) throws {
        try withDirectory { directory in
            let copy = directory + "/copy"
            try FileManager.default.createDirectory(
                atPath: copy,
                withIntermediateDirectories: false
            )
            let first = try open(directory)
            var batch = StateStore.Batch()
            (batch.values, batch.events, batch.lastEvent) = (["a": [1]], [event(812)], 812)
            try first.save(batch) { put throws(StoreFault) in try put("http://n1", [2]) }
            if !hasLog { first.close() }
            for name in hasLog ? ["state.db", "state.db-wal"] : ["state.db"] {
                try FileManager.default.copyItem(
                    atPath: "\(directory)/\(name)",
                    toPath: "\(copy)/\(name)"
                )
            }
            let store = try StateStore(directory: copy)
            #expect(try store.openForReading() == 812)
            #expect(try store.values()["a"] == [1])
            var peers: [String: [UInt8]] = [:]
            try store.readPeers { peers[$0] = $1 }
            #expect(peers == ["http://n1": [2]])
            #expect(!store.isOpen)
            #expect(!FileManager.default.fileExists(atPath: copy + "/state.db-shm"))
            store.close()
            #expect(try store.open() == 812)
            (batch.events, batch.lastEvent) = ([event(813)], 813)
            try store.save(batch)
            #expect(try store.events(EventQuery()).map(\.id) == [813, 812])
        }
    }

    @Test func `events can be read while a save takes long`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            var batch = StateStore.Batch()
            batch.events = [event(1)]
            try store.save(batch)
            var (isOpen, events) = (false, [EventRow]())
            batch.events = [event(2)]
            try store.save(batch) { _ throws(StoreFault) in
                isOpen = store.isOpen
                events = try store.events(EventQuery())
            }
            #expect(isOpen)
            #expect(events == [event(1)])
        }
    }

    @Test func `a save that fails changes nothing`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            var batch = StateStore.Batch()
            batch.values = ["a": [1]]
            #expect(throws: StoreFault.tooMuch) {
                try store.save(batch) { put throws(StoreFault) in
                    try put("http://n1", [1])
                    throw .tooMuch
                }
            }
            #expect(try store.values().isEmpty)
            try store.save(batch)
            var peers = 0
            try store.readPeers { _, _ in peers += 1 }
            #expect(peers == 0)
            #expect(try store.values()["a"] == [1])
        }
    }

    @Test func `peers that are no longer configured are deleted`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            try store.save(StateStore.Batch()) { put throws(StoreFault) in
                for number in 1...5 { try put("http://n\(number)", [1]) }
            }
            var batch = StateStore.Batch()
            batch.remainingPeers = ["http://n2", "http://n4", "http://n9"]
            try store.save(batch)
            var peers: [String] = []
            try store.readPeers { url, _ in peers.append(url) }
            #expect(peers == ["http://n2", "http://n4"])
        }
    }

    @Test func `a query returns what it asks for, newest first, and one row more`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            var batch = StateStore.Batch()
            for id in Int64(1)...20 {
                var row = event(id, at: Double(id), kind: id % 2 == 0 ? "peer_up" : "peer_down")
                row.peer = id <= 10 ? "old" : "new"
                row.url = id % 5 == 0 ? "http://b" : "http://a"
                batch.events.append(row)
            }
            try store.save(batch)
            func ids(_ change: (inout EventQuery) -> Void) throws -> [Int64] {
                var query = EventQuery(limit: 3)
                change(&query)
                let found = try store.events(query)
                let all = batch.events.reversed().filter(query.matches)
                #expect(found == Array(all.prefix(query.limit + 1)))
                return found.map(\.id)
            }
            #expect(try ids { _ in } == [20, 19, 18, 17])
            #expect(try ids { $0.before = 4 } == [3, 2, 1])
            #expect(try ids { $0.since = 19 } == [20, 19])
            #expect(try ids { $0.kind = "peer_down" } == [19, 17, 15, 13])
            #expect(try ids { $0.peer = "old" } == [10, 9, 8, 7])
            #expect(
                try ids {
                    $0.url = "http://b"
                    $0.peer = "old"
                } == [20, 15, 10, 5]
            )
            #expect(try ids { $0.kind = "' OR 1 --" } == [])
        }
    }

    @Test func `old events are deleted, then the oldest beyond the limit`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            var batch = StateStore.Batch()
            batch.events = (1...100).map { event($0, at: Double($0)) }
            batch.lastEvent = 100
            try store.save(batch)
            batch.events = []
            batch.oldestEvent = 31
            try store.save(batch)
            #expect(try store.oldestEvent() == 31)
            batch.eventLimit = 10
            try store.save(batch)
            #expect(try store.events(EventQuery(limit: 1_000)).map(\.id) == (91...100).reversed())
            batch.oldestEvent = .infinity
            try store.save(batch)
            #expect(try store.events(EventQuery()).isEmpty)
            #expect(try store.oldestEvent() == nil)
        }
    }

    @Test func `an event with the id of another one replaces it`() throws {
        try withDirectory { directory in
            let store = try open(directory)
            var batch = StateStore.Batch()
            batch.events = [event(5, kind: "peer_flapping")]
            try store.save(batch)
            batch.events[0].count = 40
            try store.save(batch)
            #expect(try store.events(EventQuery()).map(\.count) == [40])
        }
    }

    @Test func `the id of a deleted event is not used again`() throws {
        try withDirectory { directory in
            do {
                let store = try open(directory)
                var batch = StateStore.Batch()
                (batch.events, batch.lastEvent, batch.oldestEvent) = ([event(812)], 812, .infinity)
                try store.save(batch)
            }
            let store = try StateStore(directory: directory)
            #expect(try store.open() == 812)
        }
    }
}
