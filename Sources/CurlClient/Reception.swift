/// One answer while it arrives: counts it, keeps its body, and notes what is wrong with it.
///
/// It ends the transfer at the first thing that cannot become good: a limit passed, a body in an
/// encoding that was not asked for, two lengths. It is reused from GET to GET.
final class Reception {
    /// Why it ended the transfer, if it did.
    private(set) var fault: GetFailure.Cause?
    private(set) var body: [UInt8] = []
    /// Whether anything that looks like HTTP has come.
    private(set) var hasStatusLine = false
    /// Whether the empty line after the headers has come.
    private(set) var hasWholeHead = false
    private var headerBytes = 0
    private var bodyBytes = 0
    private var status = 0
    private var contentLength: Int?
    private var isChunked = false
    private let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    /// Forgets the previous answer.
    func reset() {
        fault = nil
        body = []
        hasStatusLine = false
        headerBytes = 0
        bodyBytes = 0
        beginHeaders(status: 0)
    }

    /// The body, which is given away.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Takes one header line; false ends the transfer.
    func receiveHeader(_ line: RawSpan) -> Bool {
        headerBytes += line.byteCount
        guard headerBytes <= limits.headerBytes else { return end(.tooLarge) }
        guard line.byteCount > 0 else { return true }
        switch line[0].lowercased {
        case UInt8(ascii: "h"): return receiveStatus(line)
        case UInt8(ascii: "c"), UInt8(ascii: "t"): return receiveField(line)
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
        return line.starts(withLowercased: "http/1.") || end(.badHTTP)
    }

    private func receiveField(_ line: RawSpan) -> Bool {
        if let value = line.value(ofLowercased: "content-encoding:") {
            let value = line.bytes(in: value)
            guard value.isEmpty || value.equalsLowercased("identity") else {
                return end(.badEncoding)
            }
        } else if let value = line.value(ofLowercased: "content-length:") {
            return receiveLength(line, in: value)
        } else if let value = line.value(ofLowercased: "transfer-encoding:") {
            guard contentLength == nil, !isChunked else { return end(.badHTTP) }
            guard line.bytes(in: value).equalsLowercased("chunked") else {
                return end(.badEncoding)
            }
            isChunked = true
        }
        return true
    }

    private func receiveLength(_ line: RawSpan, in value: Range<Int>) -> Bool {
        guard !isChunked, let length = line.length(in: value),
            contentLength == nil || contentLength == length
        else { return end(.badHTTP) }
        contentLength = length
        return length <= limits.bodyBytes || end(.tooLarge)
    }

    /// Takes some of the body; false ends the transfer.
    func receiveBody(_ bytes: RawSpan) -> Bool {
        bodyBytes += bytes.byteCount
        guard bodyBytes <= limits.bodyBytes else { return end(.tooLarge) }
        // The body of an error page says nothing that its status does not; it is counted, for its
        // connection is kept once it was read, and dropped.
        guard (200...299).contains(status) else { return true }
        unsafe bytes.withUnsafeBytes { unsafe body.append(contentsOf: $0) }
        return true
    }

    private func beginHeaders(status: Int) {
        self.status = status
        hasWholeHead = false
        contentLength = nil
        isChunked = false
    }

    private func end(_ cause: GetFailure.Cause) -> Bool {
        fault = cause
        return false
    }
}

extension RawSpan {
    fileprivate subscript(index: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// Whether it begins with `prefix`, which is in lower case, in any case.
    fileprivate func starts(withLowercased prefix: StaticString) -> Bool {
        guard byteCount >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount {
            let wanted = unsafe prefix.utf8Start[index]
            guard self[index].lowercased == wanted else { return false }
        }
        return true
    }

    fileprivate func firstIndex(of byte: UInt8) -> Int? {
        for index in 0..<byteCount where self[index] == byte {
            return index
        }
        return nil
    }

    /// Where the value of a header line is, without blanks around it; nil if its name, given in
    /// lower case and with the colon, is another.
    fileprivate func value(ofLowercased name: StaticString) -> Range<Int>? {
        guard starts(withLowercased: name) else { return nil }
        var low = name.utf8CodeUnitCount
        var high = byteCount
        while low < high, self[low].isBlank { low += 1 }
        while high > low, self[high - 1].isBlank { high -= 1 }
        return low..<high
    }

    fileprivate func bytes(in range: Range<Int>) -> [UInt8] {
        range.map { self[$0] }
    }

    /// The number of 1 to 18 digits that stands there: of a longer one libcurl makes none, and
    /// reads to the end.
    fileprivate func length(in digits: Range<Int>) -> Int? {
        guard 1...18 ~= digits.count, digits.allSatisfy({ self[$0].isDigit }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int(self[$1] - UInt8(ascii: "0")) }
    }

    /// The three digits of a status line, or 0.
    fileprivate var statusCode: Int {
        guard let blank = firstIndex(of: UInt8(ascii: " ")), byteCount >= blank + 4 else {
            return 0
        }
        var code = 0
        for index in (blank + 1)...(blank + 3) {
            guard self[index].isDigit else { return 0 }
            code = code * 10 + Int(self[index] - UInt8(ascii: "0"))
        }
        return code
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    fileprivate var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    fileprivate var isBlank: Bool {
        self == UInt8(ascii: " ") || (9...13).contains(self)
    }
}

extension [UInt8] {
    fileprivate func equalsLowercased(_ text: String) -> Bool {
        map(\.lowercased).elementsEqual(text.utf8)
    }
}
