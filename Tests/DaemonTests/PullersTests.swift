import MicroHTTPServer
import Testing

@testable import Daemon
@testable import Pages
@testable import Timing

@Suite struct PullersTests {
    private static let interval = Duration.seconds(10)

    private static func heard(_ pullers: Pullers, at seconds: Double, ownPulls: Int = 0) -> Heard {
        pullers.heard(at: Instant(seconds: seconds), interval: interval, ownPulls: ownPulls)
    }

    /// Four requests in 30 s, the last at 20.
    private static func noted(_ clients: [Client], of pullers: Pullers = Pullers()) -> Pullers {
        for second in [-10.0, 0, 10, 20] {
            for client in clients { pullers.note(client, at: Instant(seconds: second)) }
        }
        return pullers
    }

    @Test func `nobody is heard before the first request`() {
        #expect(Self.heard(Pullers(), at: 5) == Heard())
    }

    @Test func `each kept connection counts, and clients without one count by address`() {
        let kept = (1...3).map { Client(address: 7, port: $0) } + [Client(address: 8, port: 1)]
        let pullers = Self.noted(kept)
        for port in 1...20 {
            pullers.note(Client(address: 9, port: UInt16(port)), at: Instant(seconds: 20))
        }
        #expect(Self.heard(pullers, at: 21) == Heard(by: 5, secondsAgo: 1))
    }

    @Test func `a node that pulls itself does not hear itself`() {
        let pullers = Self.noted([Client(address: 1, port: 1)])
        #expect(Self.heard(pullers, at: 21, ownPulls: 1) == Heard(by: 0))
    }

    @Test(arguments: [0, 1])
    func `a node is unheard when regular requests end, three intervals later`(ownPulls: Int) {
        let pullers = Self.noted([Client(address: 7, port: 1)])
        for second in stride(from: 0.0, to: 60 * Double(ownPulls), by: 10) {
            pullers.note(Client(address: 1, port: 1), at: Instant(seconds: second))
        }
        #expect(!Self.heard(pullers, at: 50, ownPulls: ownPulls).isUnheard)
        let after = Self.heard(pullers, at: 51, ownPulls: ownPulls)
        #expect(after == Heard(by: 0, secondsAgo: 31, isUnheard: true))
    }

    @Test func `two requests, or three far apart, are not regular`() {
        let pullers = Pullers()
        let requests = [(7, 0.0), (7, 10), (8, 0), (8, 31), (8, 62)]
        for (address, second) in requests {
            pullers.note(
                Client(address: UInt128(address), port: 1),
                at: Instant(seconds: second)
            )
        }
        #expect(Self.heard(pullers, at: 200) == Heard(by: 0, secondsAgo: 138))
    }

    @Test func `many addresses take bounded memory and do not displace those in use`() {
        let pullers = Self.noted([Client(address: 7, port: 1)])
        for address in 100..<20_000 {
            pullers.note(Client(address: UInt128(address), port: 1), at: Instant(seconds: 20))
        }
        #expect(Self.heard(pullers, at: 21).by == 8_192)
        pullers.note(Client(address: 7, port: 1), at: Instant(seconds: 30))
        #expect(Self.heard(pullers, at: 55) == Heard(by: 1, secondsAgo: 25))
        pullers.note(Client(address: 5, port: 1), at: Instant(seconds: 3_630))
        #expect(Self.heard(pullers, at: 3_631) == Heard(by: 1, secondsAgo: 1))
    }
}
