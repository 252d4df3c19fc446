internal import CCurl

/// Receives one response: counts its bytes, keeps its body, and checks its headers.
///
/// It ends the transfer at the first fault: a limit exceeded, an unsupported encoding, conflicting
/// lengths. Reused for later responses.
final class ResponseReceiver {
    /// The header block that is being received; each 1xx response has one of its own.
    struct Head {
        fileprivate(set) var status = 0
        /// Whether the empty line after the headers has arrived.
        fileprivate(set) var isComplete = false
        /// The seconds for which the server keeps an idle connection, from its Keep-Alive header.
        fileprivate(set) var keepAliveSeconds: Int?
        fileprivate var contentLength: Int?
        fileprivate var isChunked = false
    }

    private(set) var head = Head()
    /// Whether a status line has arrived.
    private(set) var hasStatusLine = false
    private(set) var body: [UInt8] = []
    /// Why it ended the transfer; libcurl reports only that a callback failed.
    private(set) var fault: (cause: FetchFailure.Cause, detail: String)?
    /// Whether the bytes that arrived are no response to this request.
    private(set) var isUnsolicited = false
    /// Whether the request used a kept connection.
    var isOnKeptConnection = false
    /// The socket of a TLS connection that had unread bytes before the request was sent, and the
    /// bytes that it had received by then.
    var unreadBefore: (socket: Int32, received: Int64)?
    private var headerBytes = 0
    private var bodyBytes = 0
    private let limits: FetchLimits

    init(limits: FetchLimits) {
        self.limits = limits
    }

    func reset() {
        head = Head()
        hasStatusLine = false
        body = []
        fault = nil
        isUnsolicited = false
        isOnKeptConnection = false
        unreadBefore = nil
        headerBytes = 0
        bodyBytes = 0
    }

    /// Removes and returns the body.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Whether a complete line has arrived.
    var hasBegun: Bool { headerBytes > 0 }

    /// Receives one header line; false ends the transfer.
    func receiveHeader(_ line: RawSpan) -> Bool {
        if let before = unreadBefore, !hasBegun,
            nova_bytes_consumed(before.socket) <= before.received
        {
            // It arrived before the request was sent.
            isUnsolicited = true
            return false
        }
        headerBytes += line.byteCount
        guard headerBytes <= limits.headerBytes else {
            return end(.headersTooLarge, limits.headersTooLarge)
        }
        guard line.byteCount > 0 else { return true }
        switch line[0].lowercased {
        case UInt8(ascii: "h"): return receiveStatus(line)
        case UInt8(ascii: "c"), UInt8(ascii: "t"): return receiveField(line)
        // The shortest of several is the safe one.
        case UInt8(ascii: "k"):
            let all = [head.keepAliveSeconds, line.keepAliveSeconds]
            head.keepAliveSeconds = all.compactMap(\.self).min()
        // The empty line.
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): head.isComplete = true
        default: break
        }
        return true
    }

    private func receiveStatus(_ line: RawSpan) -> Bool {
        guard line.starts(withLowercased: "http/") else { return true }
        hasStatusLine = true
        head = Head(status: line.statusCode)
        if isOnKeptConnection, head.status == 408 {
            // The server timed out waiting for a request, before it received this one.
            isUnsolicited = true
            return false
        }
        return line.starts(withLowercased: "http/1.")
            || end(.badHTTP, "the version of the response is not HTTP/1.x")
    }

    private func receiveField(_ line: RawSpan) -> Bool {
        if let value = line.value(ofLowercased: "content-encoding:") {
            let value = line.bytes(in: value)
            guard value.isEmpty || value.equalsLowercased("identity") else {
                return end(.badEncoding, "the body has a Content-Encoding, which was not requested")
            }
        } else if let value = line.value(ofLowercased: "content-length:") {
            return receiveLength(line, in: value)
        } else if let value = line.value(ofLowercased: "transfer-encoding:") {
            guard head.contentLength == nil, !head.isChunked else {
                return end(.badHTTP, "more than one length or transfer encoding")
            }
            guard line.bytes(in: value).equalsLowercased("chunked") else {
                return end(.badEncoding, "the Transfer-Encoding is not chunked")
            }
            head.isChunked = true
        }
        return true
    }

    private func receiveLength(_ line: RawSpan, in value: Range<Int>) -> Bool {
        guard !head.isChunked, let length = line.number(in: value),
            head.contentLength == nil || head.contentLength == length
        else { return end(.badHTTP, "an invalid Content-Length, or more than one length") }
        head.contentLength = length
        return length <= limits.bodyBytes || end(.bodyTooLarge, limits.bodyTooLarge)
    }

    /// Receives a part of the body; false ends the transfer.
    func receiveBody(_ bytes: RawSpan) -> Bool {
        bodyBytes += bytes.byteCount
        guard bodyBytes <= limits.bodyBytes else { return end(.bodyTooLarge, limits.bodyTooLarge) }
        // The body of an error page must be read for the connection to be reused. It is counted,
        // and kept only if it is small.
        if !(200...299).contains(head.status), bodyBytes > limits.errorBodyBytes {
            body = []
            return true
        }
        unsafe bytes.withUnsafeBytes { unsafe body.append(contentsOf: $0) }
        return true
    }

    private func end(_ cause: FetchFailure.Cause, _ detail: String) -> Bool {
        fault = (cause, detail)
        return false
    }
}
