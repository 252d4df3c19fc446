import Testing
import Timing

@testable import MicroHTTPServer

extension Instant {
    fileprivate static func seconds(_ seconds: Int) -> Instant { .seconds(Double(seconds)) }
    fileprivate static func seconds(_ seconds: Double) -> Instant { Instant(seconds: seconds) }
}

/// Which connections are closed, and when, without sockets.
struct ConnectionTableTests {
    private static let address: UInt128 = 1
    /// A request head of this size.
    private static let head = 100

    /// A table and the kernel's counters of its connections.
    private struct Stage {
        var table: ConnectionTable
        var traffic: [CInt: ConnectionTable.Traffic] = [:]

        init(_ limit: Int, perAddress: Int = 0) {
            let configuration = Configuration(host: "", port: 0).with(\.maxConnections, limit)
            table = ConnectionTable(configuration.with(\.maxConnectionsPerAddress, perAddress))
        }

        mutating func accept(_ descriptor: CInt, at seconds: Double) {
            let connection = OpenConnection(descriptor: descriptor, at: .seconds(seconds))
            let isOpen = table.open(connection, from: address)
            #expect(isOpen)
        }

        /// Accepts a connection and passes it to the library with its first request.
        @discardableResult
        mutating func serve(_ descriptor: CInt, at seconds: Double) throws -> OpenConnection {
            accept(descriptor, at: seconds)
            let isHandedOver = table.handOver(descriptor)
            #expect(isHandedOver)
            let served = table.serve(descriptor)
            let connection = try #require(served)
            receive(descriptor, head)
            connection.begin(Extent(start: 0, count: head), at: .seconds(seconds))
            return connection
        }

        /// Adds a connection that is idle since its request was answered.
        mutating func idle(_ descriptor: CInt, since seconds: Double) throws {
            try serve(descriptor, at: seconds).end(at: .seconds(seconds))
        }

        mutating func receive(_ descriptor: CInt, _ bytes: Int) {
            traffic[descriptor, default: .init()].received += bytes
        }

        mutating func review(_ descriptor: CInt, at seconds: Double) -> ClosingCause? {
            let traffic = traffic
            return table.review(
                descriptor,
                traffic: { traffic[$0] ?? .init() },
                at: .seconds(seconds)
            )
        }

        mutating func open(_ descriptor: CInt, from address: UInt128) -> Bool {
            table.open(OpenConnection(descriptor: descriptor, at: .seconds(0)), from: address)
        }

        mutating func makeRoom(at seconds: Double, extra: Int = 0) -> [CInt] {
            let traffic = traffic
            return table.makeRoom(
                extra: extra,
                traffic: { traffic[$0] ?? .init() },
                at: .seconds(seconds)
            )
        }
    }

    @Test
    func `a first request must be complete 10 s after its first byte, however it drips`() {
        var stage = Stage(100)
        stage.accept(3, at: 0)
        #expect(stage.review(3, at: 5) == nil)
        for second in 6..<16 { stage.table.noteBytes(3, at: .seconds(second)) }
        #expect(stage.review(3, at: 15.9) == nil)
        #expect(stage.review(3, at: 16) == .incomplete)
        #expect(stage.review(3, at: 17) == nil, "it is being closed")
    }

    @Test
    func `a connection without a byte is closed after 30 s`() {
        var stage = Stage(100)
        stage.accept(3, at: 0)
        #expect(stage.review(3, at: 29.9) == nil)
        #expect(stage.review(3, at: 30) == .unused)
    }

    @Test
    func `a later request must be complete 10 s after its first byte too`() throws {
        var stage = Stage(100)
        let connection = try stage.serve(3, at: 0)
        #expect(stage.review(3, at: 1) == nil)
        connection.end(at: .seconds(1))
        #expect(stage.review(3, at: 100) == nil, "it only idles")
        for second in 101...110 {
            stage.receive(3, 3)
            #expect(stage.review(3, at: Double(second)) == nil)
        }
        #expect(stage.review(3, at: 111) == .incomplete)
    }

    @Test
    func `empty lines between requests begin none, before and behind them`() throws {
        var stage = Stage(100)
        let connection = try stage.serve(3, at: 0)
        for round in 1...100 {
            // The empty line came with the request before, and lies in front of the next.
            stage.receive(3, 2)
            connection.end(at: .seconds(round * 100))
            #expect(stage.review(3, at: Double(round * 100 + 1)) == nil)
            #expect(stage.review(3, at: Double(round * 100 + 50)) == nil, "round \(round)")
            stage.receive(3, Self.head)
            let head = Extent(start: 2, count: Self.head)
            connection.begin(head, at: .seconds(round * 100 + 60))
        }
        connection.end(at: .seconds(20_000))
        stage.receive(3, 3)
        #expect(stage.review(3, at: 20_001) == nil)
        #expect(stage.review(3, at: 20_011) == .incomplete, "three bytes begin one")
    }

    @Test
    func `a part that came with a complete request counts from the end of its response`() throws {
        var stage = Stage(100)
        let connection = try stage.serve(3, at: 0)
        stage.receive(3, 40)
        stage.traffic[3]?.silence = .seconds(8)
        connection.end(at: .seconds(8))
        #expect(stage.review(3, at: 8) == nil)
        #expect(stage.review(3, at: 17.9) == nil)
        #expect(stage.review(3, at: 18) == .incomplete)
    }

    @Test
    func `each request has its own time`() throws {
        var stage = Stage(100)
        let connection = try stage.serve(3, at: 0)
        connection.end(at: .seconds(0))
        // Of each request a part has arrived when it is looked at, and the rest comes after.
        for second in stride(from: 1.0, to: 60, by: 8) {
            stage.receive(3, 60)
            #expect(stage.review(3, at: second) == nil)
            stage.receive(3, 40)
            connection.begin(Extent(start: 0, count: Self.head), at: .seconds(second))
            connection.end(at: .seconds(second))
        }
    }

    @Test
    func `a client that takes nothing of a response for 10 s is closed`() throws {
        var stage = Stage(100)
        try stage.serve(3, at: 0)
        #expect(stage.review(3, at: 60) == nil, "a page is being computed")
        for second in 61...90 {
            stage.traffic[3] = .init(received: Self.head, acknowledged: second, isSending: true)
            #expect(stage.review(3, at: Double(second)) == nil, "it takes some")
        }
        #expect(stage.review(3, at: 99) == nil)
        #expect(stage.review(3, at: 100) == .stalled)
    }

    @Test
    func `no connection is evicted while enough are free`() throws {
        var stage = Stage(160)
        for number in 0..<155 { try stage.idle(CInt(number), since: Double(number)) }
        #expect(stage.makeRoom(at: 1000) == [])
    }

    @Test
    func `the longest idle are evicted first, until the reserve is whole`() throws {
        var stage = Stage(160)
        for number in (0..<156).reversed() { try stage.idle(CInt(number), since: Double(number)) }
        #expect(stage.makeRoom(at: 1000) == [0, 1, 2, 3, 4, 5])
        #expect(stage.makeRoom(at: 1000) == [], "they are on their way")
        for number in 0..<6 { stage.table.remove(CInt(number)) }
        #expect(stage.makeRoom(at: 1000) == [])
        #expect(stage.makeRoom(at: 1000, extra: 2) == [6, 7])
    }

    @Test
    func `connections without a request go first, then idle ones, then busy ones`()
        throws
    {
        var stage = Stage(32)
        for number in 0..<10 { try stage.serve(CInt(number), at: 0) }
        for number in 10..<20 { try stage.idle(CInt(number), since: 0) }
        for number in 20..<30 { stage.accept(CInt(number), at: 5) }
        #expect(stage.makeRoom(at: 6, extra: 9) == Array(20..<29))
        for number in 20..<29 { stage.table.remove(CInt(number)) }
        // The newest is spared: the others are closed for it.
        #expect(Set(stage.makeRoom(at: 6, extra: 10)) == Set(10..<20))
        #expect(Set(stage.makeRoom(at: 6, extra: 100)) == Set(0..<10))
        #expect(stage.makeRoom(at: 6, extra: 100) == [], "but the newest")
    }

    @Test
    func `of busy connections those with further requests go first, and a scrape last`() throws {
        var stage = Stage(32)
        try stage.serve(0, at: 1)  // long
        try stage.serve(1, at: 4)  // a scrape
        for number in 2..<6 {
            // They have sent more requests, the later ones first.
            try stage.serve(CInt(number), at: Double(9 - number))
            stage.receive(CInt(number), Self.head)
        }
        try stage.serve(6, at: 8)  // a scrape whose client has closed its sending side
        stage.receive(6, 1)
        for expected: CInt in [5, 4, 3, 2] {
            #expect(stage.makeRoom(at: 9, extra: 1) == [expected])
        }
        #expect(stage.makeRoom(at: 11, extra: 1) == [0], "it takes longer than 10 s")
        #expect(stage.makeRoom(at: 11, extra: 2) == [1, 6])
    }

    @Test
    func `a client that pipelines requests keeps the age of its last rest`() throws {
        var stage = Stage(32)
        let restless = try stage.serve(0, at: 0)
        try stage.serve(1, at: 5)
        for number in 1..<600 {
            restless.end(at: .seconds(Double(number) / 100))
            restless.begin(Extent(start: 0, count: 0), at: .seconds(Double(number) / 100))
        }
        #expect(restless.activity.since == .seconds(0))
        #expect(stage.makeRoom(at: 6, extra: 1) == [0])
        restless.end(at: .seconds(6))
        restless.begin(Extent(start: 0, count: 0), at: Instant(seconds: 6) + OpenConnection.rest)
        let rested = Instant(seconds: 6) + OpenConnection.rest
        #expect(restless.activity.since == rested, "it has rested")
    }

    @Test
    func `a connection that the library has just got is not idle`() throws {
        var stage = Stage(32)
        try stage.idle(0, since: 0)
        for number: CInt in [1, 2] {
            stage.accept(number, at: 1)
            let isHandedOver = stage.table.handOver(number)
            #expect(isHandedOver)
        }
        _ = stage.table.serve(2)
        try stage.idle(3, since: 2)
        #expect(stage.makeRoom(at: 3, extra: 2) == [0, 3])
        #expect(stage.makeRoom(at: 3, extra: 9) == [2], "the library may still refuse the other")
    }

    @Test
    func `beside idle ones a sixteenth of the connections may be new`() throws {
        var stage = Stage(320)
        for number in 0..<290 { try stage.idle(CInt(number), since: Double(number)) }
        for number in 290..<310 { stage.accept(CInt(number), at: 400) }
        #expect(stage.makeRoom(at: 400) == [])
        stage.accept(310, at: 400)
        // 11 are wanted; 19 are spared of 21 that are new.
        #expect(stage.makeRoom(at: 400) == [290, 291] + Array(0..<9))
    }

    @Test
    func `an address at its limit may open a connection once another has ended`() {
        var stage = Stage(100, perAddress: 2)
        stage.accept(3, at: 0)
        stage.accept(4, at: 0)
        #expect(stage.open(5, from: Self.address) == false)
        #expect(stage.open(5, from: 2) == true)
        stage.table.remove(3)
        #expect(stage.open(6, from: Self.address) == true)
        #expect(stage.table.count == 3)
    }

    @Test
    func `the reserve is a sixteenth, 1 to 256`() {
        let reserves = [16, 100, 4096, 1_000_000].map { Stage($0).table.reserve }
        #expect(reserves == [1, 6, 256, 256])
    }

    @Test
    func `newcomers are removed in any order and taken in the order of arrival`() {
        var newcomers = Newcomers()
        for number in 0..<1000 {
            newcomers.append(CInt(number))
            if number % 3 != 0 { newcomers.remove(CInt(number)) }
        }
        #expect(newcomers.count == 334)
        newcomers.remove(0)
        newcomers.append(0)
        #expect(newcomers.takeFirst(3, sparingLast: 0) == [3, 6, 9])
        #expect(newcomers.takeFirst(1000, sparingLast: 1).last == 999)
        #expect(newcomers.takeFirst(1, sparingLast: 1) == [])
        #expect(newcomers.takeFirst(1, sparingLast: 0) == [0])
    }

    @Test
    func `a shortage and its end are reported once each`() {
        var shortage = Shortage()
        #expect(shortage.note(3, at: .seconds(0)) == true)
        for second in 1...100 { #expect(shortage.note(1, at: .seconds(second)) == false) }
        #expect(shortage.settle(at: .seconds(159)) == nil)
        #expect(shortage.isOn)
        #expect(shortage.settle(at: .seconds(160)) == 103)
        #expect(shortage.settle(at: .seconds(300)) == nil)
        #expect(!shortage.isOn)
        #expect(shortage.note(at: .seconds(301)) == true)
    }
}
