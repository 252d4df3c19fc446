/// What a scripted peer does on one connection.
package struct Script: Sendable {
    package let play: @Sendable (PeerConnection) -> Void

    package init(_ play: @escaping @Sendable (PeerConnection) -> Void) {
        self.play = play
    }

    /// Answers each request with `response(request)` and keeps the connection open.
    ///
    /// Closes it after `count` requests, and after a request with `Connection: close`.
    package static func answering(
        count: Int? = nil,
        _ response: @escaping @Sendable (HTTPMessage) -> [UInt8]
    ) -> Script {
        Script { connection in
            var answered = 0
            while answered != count, let request = connection.nextRequest() {
                guard connection.send(response(request)) else { return }
                guard request.header("connection")?.lowercased() != "close" else { return }
                answered += 1
            }
        }
    }

    /// Answers each request with these bytes and keeps the connection open.
    package static func answer(_ bytes: [UInt8], count: Int? = nil) -> Script {
        answering(count: count) { _ in bytes }
    }

    /// Answers one request with these bytes, complete or not, and closes.
    package static func answerThenClose(_ bytes: [UInt8]) -> Script {
        answer(bytes, count: 1)
    }

    /// Reads requests and never answers.
    package static let silence = Script { connection in
        while connection.nextRequest() != nil {}
    }

    /// Answers one request a byte at a time.
    package static func drip(_ bytes: [UInt8], every pause: Duration = .seconds(1)) -> Script {
        Script { connection in
            guard connection.nextRequest() != nil else { return }
            for byte in bytes {
                guard connection.send([byte]), connection.pause(pause) else { return }
            }
        }
    }

    /// Sends `start`, then `part` repeatedly until the client closes.
    package static func endless(_ start: String, _ part: String) -> Script {
        Script { connection in
            guard connection.nextRequest() != nil, connection.send(Array(start.utf8)) else {
                return
            }
            let part = Array(String(repeating: part, count: max(1, 4096 / part.utf8.count)).utf8)
            while connection.send(part) {}
        }
    }

    /// Interim responses without end.
    package static let endlessInterim = endless("", "HTTP/1.1 100 Continue\r\n\r\n")
    /// Headers without end.
    package static let endlessHeaders = endless("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n")
    /// A body without end or announced length.
    package static let endlessBody = endless("HTTP/1.1 200 OK\r\n\r\n", "     ")

    /// Resets the connection after the first request.
    package static let reset = Script { connection in
        _ = connection.nextRequest()
        connection.reset()
    }

    /// Closes without reading.
    package static let closeAtOnce = Script { _ in }

    /// Plays the n-th script on the n-th connection, and the last one on all further ones.
    package static func inTurn(_ first: Script, _ others: Script...) -> Script {
        let scripts = [first] + others
        return Script { connection in
            scripts[min(connection.number, scripts.count) - 1].play(connection)
        }
    }
}

/// The bytes of a response with a Content-Length.
package func response(
    _ status: Int = 200,
    type: String = "application/json",
    headers: [String] = [],
    body: String
) -> [UInt8] {
    let lines =
        ["HTTP/1.1 \(status) Scripted", "Content-Type: \(type)"] + headers
        + ["Content-Length: \(body.utf8.count)", "", body]
    return Array(lines.joined(separator: "\r\n").utf8)
}
