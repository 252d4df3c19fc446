internal import CCurl

/// One answer while it arrives: counts it, keeps its body, and notes what is wrong with it.
///
/// It ends the transfer at the first thing that cannot become good: a limit passed, a body in an
/// encoding that was not asked for, two lengths. It is reused from GET to GET.
final class ResponseReceiver {
    /// Why it ended the transfer, if it did.
    private(set) var fault: FetchFailure.Cause?
    /// The fault in words: libcurl knows only that a callback refused.
    private(set) var faultDetail = ""
    private(set) var body: [UInt8] = []
    /// Whether anything that looks like HTTP has come.
    private(set) var hasStatusLine = false
    /// Whether the empty line after the headers has come.
    private(set) var hasWholeHead = false
    /// How long the server keeps an idle connection, in seconds, if it said so.
    private(set) var keepAliveSeconds: Int?
    /// Whether the request went over a kept connection.
    var isOnKeptConnection = false
    /// The socket of a TLS connection on which bytes waited before the request was sent, and how
    /// many had arrived on it by then.
    var unreadBefore: (socket: Int32, received: Int64)?
    /// Whether what came is no response to this request.
    private(set) var isUnsolicited = false
    private var headerBytes = 0
    private var bodyBytes = 0
    private var status = 0
    private var contentLength: Int?
    private var isChunked = false
    private let limits: FetchLimits

    init(limits: FetchLimits) {
        self.limits = limits
    }

    /// Forgets the previous answer.
    func reset() {
        fault = nil
        faultDetail = ""
        body = []
        hasStatusLine = false
        isOnKeptConnection = false
        unreadBefore = nil
        isUnsolicited = false
        headerBytes = 0
        bodyBytes = 0
        beginHeaders(status: 0)
    }

    /// The body, which is given away.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Whether anything has come, by whole lines.
    var hasBegun: Bool { headerBytes > 0 }

    /// Takes one header line; false ends the transfer.
    func receiveHeader(_ line: RawSpan) -> Bool {
        if let before = unreadBefore, !hasBegun,
            nova_bytes_consumed(before.socket) <= before.received
        {
            // It was there before the request was.
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
        // Of several the shortest, to be safe.
        case UInt8(ascii: "k"):
            keepAliveSeconds = [keepAliveSeconds, line.keepAliveSeconds].compactMap(\.self).min()
        // An empty line.
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): hasWholeHead = true
        default: break
        }
        return true
    }

    private func receiveStatus(_ line: RawSpan) -> Bool {
        guard line.starts(withLowercased: "http/") else { return true }
        // One block of headers for each 1xx and one for the answer.
        hasStatusLine = true
        beginHeaders(status: line.statusCode)
        if isOnKeptConnection, status == 408 {
            // The server waited too long for a request, and closes. It did not see ours.
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
                return end(.badEncoding, "the body has a Content-Encoding, which was not asked for")
            }
        } else if let value = line.value(ofLowercased: "content-length:") {
            return receiveLength(line, in: value)
        } else if let value = line.value(ofLowercased: "transfer-encoding:") {
            guard contentLength == nil, !isChunked else {
                return end(.badHTTP, "more than one length or transfer encoding")
            }
            guard line.bytes(in: value).equalsLowercased("chunked") else {
                return end(.badEncoding, "the Transfer-Encoding is not chunked")
            }
            isChunked = true
        }
        return true
    }

    private func receiveLength(_ line: RawSpan, in value: Range<Int>) -> Bool {
        guard !isChunked, let length = line.length(in: value),
            contentLength == nil || contentLength == length
        else { return end(.badHTTP, "an invalid Content-Length, or more than one length") }
        contentLength = length
        return length <= limits.bodyBytes || end(.bodyTooLarge, limits.bodyTooLarge)
    }

    /// Takes some of the body; false ends the transfer.
    func receiveBody(_ bytes: RawSpan) -> Bool {
        bodyBytes += bytes.byteCount
        guard bodyBytes <= limits.bodyBytes else { return end(.bodyTooLarge, limits.bodyTooLarge) }
        // The body of an error page says nothing that its status does not; it is counted, for its
        // connection is kept once it was read, and dropped.
        guard (200...299).contains(status) else { return true }
        unsafe bytes.withUnsafeBytes { unsafe body.append(contentsOf: $0) }
        return true
    }

    private func beginHeaders(status: Int) {
        self.status = status
        hasWholeHead = false
        keepAliveSeconds = nil
        contentLength = nil
        isChunked = false
    }

    private func end(_ cause: FetchFailure.Cause, _ detail: String) -> Bool {
        fault = cause
        faultDetail = detail
        return false
    }
}
