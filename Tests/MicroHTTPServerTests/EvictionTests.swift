import TestSupport
import Testing
import Timing

@testable import MicroHTTPServer

/// In a full table some connection can always be closed, whatever clients do.
struct EvictionTests {
    /// A table as the loop and the library's threads drive it, by random steps.
    private struct Stage {
        let limit: Int
        var table: ConnectionTable
        var connections: [CInt: OpenConnection] = [:]
        var traffic: [CInt: ConnectionTable.Traffic] = [:]
        var now = Instant(seconds: 0)
        /// Passed to the library, which has not started them.
        var waiting: [CInt] = []
        var closing: [CInt] = []
        var next: CInt = 0
        var random: SeededGenerator

        init(limit: Int, seed: UInt64) {
            self.limit = limit
            table = ConnectionTable(Configuration(host: "", port: 0).with(\.maxConnections, limit))
            random = SeededGenerator(seed: seed)
        }

        var served: [CInt] {
            connections.keys.filter { table.slots[$0]?.isClosing == false }.sorted()
        }

        /// What a client or the library does.
        mutating func act() {
            now = now + .milliseconds(Int.random(in: 0...30, using: &random))
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4: arrive()
            case 4: beginWithWaiting()
            case 5: ask()
            case 6:
                guard let descriptor = served.randomElement(using: &random) else { return }
                connections[descriptor]?.end(at: now)
            default: closeAll()
            }
        }

        /// The loop accepts a connection, unless the table is full.
        mutating func arrive() {
            if table.isFull { return evict() }
            next += 1
            let isOpen = table.open(OpenConnection(descriptor: next, at: now), from: 1)
            #expect(isOpen)
            if Bool.random(using: &random), table.handOver(next) { waiting.append(next) }
            evict()
        }

        mutating func beginWithWaiting() {
            for descriptor in waiting {
                connections[descriptor] = table.serve(descriptor)
                ask(descriptor)
            }
            waiting = []
        }

        private mutating func ask() {
            if let descriptor = served.randomElement(using: &random) { ask(descriptor) }
        }

        /// A request arrives, or two.
        private mutating func ask(_ descriptor: CInt) {
            traffic[descriptor, default: .init()].received += Bool.random(using: &random) ? 50 : 100
            connections[descriptor]?.begin(Extent(start: 0, count: 50), at: now)
        }

        mutating func closeAll() {
            for descriptor in closing {
                table.remove(descriptor)
                connections[descriptor] = nil
                traffic[descriptor] = nil
            }
            closing = []
        }

        mutating func evict() {
            let traffic = traffic
            let evicted = table.makeRoom(traffic: { traffic[$0] ?? .init() }, at: now)
            for descriptor in evicted {
                if table.slots[descriptor]?.owner == .listener {
                    table.remove(descriptor)
                } else {
                    closing.append(descriptor)
                }
            }
            check()
        }

        /// Either places are free, or will be as soon as the library's threads have turned.
        private func check() {
            let least = max(table.reserve / 2, 1)
            if table.free >= least { return }
            let left = table.slots.values.filter { !$0.isClosing && $0.owner != .handedOver }
            #expect(left.count <= 1, "\(left.count) of \(limit) could be closed")
            #expect(left.allSatisfy { $0.owner == .listener })
        }
    }

    @Test(arguments: [2, 3, 16, 64, 113, 300], 1...4 as ClosedRange<UInt64>)
    func `whatever clients do a full table has one to close or gets a place`(
        limit: Int,
        seed: UInt64
    ) {
        var stage = Stage(limit: limit, seed: seed)
        for _ in 0..<3_000 { stage.act() }
        #expect(stage.next > limit)
        // Once the library's threads have turned the next connections find their places.
        for _ in 0..<100 {
            stage.beginWithWaiting()
            let before = stage.next
            for _ in 0..<3 {
                stage.arrive()
                stage.closeAll()
            }
            #expect(stage.next > before, "limit \(limit), seed \(seed)")
        }
    }
}
