import Foundation
import Synchronization

/// A TCP server that plays a script on every connection and records the requests.
///
/// Each connection has a thread, so that a script is read from top to bottom.
package final class ScriptedPeer: Sendable {
    /// Maximum number of recorded requests.
    private static let maximumRequests = 100_000

    package let address: String
    package let port: Int
    private let listener: Socket
    private let state: Mutex<State>

    /// State shared with the threads of the connections.
    private struct State {
        var script: Script
        var connectionCount = 0
        var requests: [HTTPMessage] = []
        var open: [Int: Socket] = [:]
        var isStopped = false
    }

    /// Listens on `address` (any of 127/8) and plays `script` on each connection.
    package init(
        _ script: Script,
        on address: String = "127.0.0.1",
        port: Int = 0
    ) throws {
        listener = try Socket.listening(on: address, port: port)
        self.address = address
        self.port = listener.port
        state = Mutex(State(script: script))
        Thread.detachNewThread { [weak self, listener] in
            while let socket = listener.accept(until: .now + .seconds(3600)) {
                guard let self else { break }
                take(socket)
            }
        }
    }

    deinit {
        stop()
    }

    /// The base URL under which it is configured as a peer.
    package var url: String { "http://\(address):\(port)" }
    /// Every request so far, the earliest first.
    package var requests: [HTTPMessage] { state.withLock { $0.requests } }
    /// How many connections were accepted so far.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }
    /// How many connections are open.
    package var openCount: Int { state.withLock { $0.open.count } }

    /// Plays `script` on new connections; open ones continue with theirs.
    package func play(_ script: Script) {
        state.withLock { $0.script = script }
    }

    /// Closes all open connections and keeps listening.
    package func dropConnections() {
        for socket in state.withLock({ Array($0.open.values) }) { socket.close() }
    }

    /// Refuses new connections; open ones continue.
    package func refuse() {
        listener.close()
    }

    /// Closes all connections and refuses new ones.
    package func stop() {
        state.withLock { $0.isStopped = true }
        listener.close()
        dropConnections()
    }

    private func take(_ socket: Socket) {
        let taken = state.withLock { state -> (Script, Int)? in
            guard !state.isStopped else { return nil }
            state.connectionCount += 1
            state.open[state.connectionCount] = socket
            return (state.script, state.connectionCount)
        }
        guard let (script, number) = taken else { return socket.close() }
        let connection = PeerConnection(number: number, socket: socket) { [weak self] request in
            self?.record(request)
        }
        Thread.detachNewThread { [weak self] in
            script.play(connection)
            socket.close()
            self?.state.withLock { $0.open[number] = nil }
        }
    }

    private func record(_ request: HTTPMessage) {
        state.withLock { state in
            if state.requests.count < Self.maximumRequests { state.requests.append(request) }
        }
    }
}

/// One accepted connection, with blocking calls that return when the peer stops.
package struct PeerConnection: Sendable {
    /// Maximum duration of a script.
    private static let limit = Duration.seconds(120)

    /// 1 for the first connection of the peer.
    package let number: Int
    private let socket: Socket
    private let record: @Sendable (HTTPMessage) -> Void
    private let deadline = ContinuousClock.now + limit

    init(number: Int, socket: Socket, record: @escaping @Sendable (HTTPMessage) -> Void) {
        self.number = number
        self.socket = socket
        self.record = record
    }

    /// Reads and records the next request; nil if the client or the peer has closed.
    package func nextRequest() -> HTTPMessage? {
        var bytes: [UInt8] = []
        while HTTPMessage.headEnd(bytes) == nil {
            guard let part = socket.receive(until: deadline), !part.isEmpty else { return nil }
            bytes += part
        }
        guard let request = HTTPMessage(bytes) else { return nil }
        record(request)
        return request
    }

    /// Sends `bytes`; false if the client or the peer has closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        socket.send(bytes, until: deadline)
    }

    /// Waits; false if the client sent something, or it or the peer has closed.
    package func pause(_ span: Duration) -> Bool {
        socket.receive(until: min(deadline, .now + span)) == nil
    }

    /// Ends the connection with a reset.
    package func reset() {
        socket.reset()
    }
}
