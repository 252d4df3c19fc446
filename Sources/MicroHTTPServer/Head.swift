/// The request line's target as it was received, before the library cuts the query off.
struct Target: Sendable {
    /// Bytes up to the first NUL; the true length is known only with the head.
    let length: Int
    let fault: HeadFault?

    /// What the library keeps of it until the head is in: an odd number, as no object's address is.
    var mark: UInt {
        UInt(length) << 16 | UInt(fault?.rawValue ?? 0) << 8 | 1
    }

    /// The target of a mark; nil for the address of an object.
    init?(mark: UInt) {
        guard mark & 1 == 1 else { return nil }
        length = Int(mark >> 16)
        fault = HeadFault(rawValue: UInt8(truncatingIfNeeded: mark >> 8))
    }

    init(_ bytes: Span<UInt8>) {
        length = bytes.count
        fault = Self.fault(in: bytes)
    }

    private static func fault(in bytes: Span<UInt8>) -> HeadFault? {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte <= 0x20 || byte >= 0x7F { return .targetByte }
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
                bytes[index + 1] == UInt8(ascii: "0"), bytes[index + 2] == UInt8(ascii: "0")
            {
                return .nul
            }
        }
        return nil
    }
}

/// What is wrong with the head of a request: it has no single meaning, so that a proxy in front
/// might have read another request than we would.
enum HeadFault: UInt8, Sendable {
    case nul = 1
    case targetByte
    case targetForm
    case layout
    case fieldName
    case fieldValue
    case host
    case repeatedLength
    case repeatedEncoding
    case lengthAndEncoding
    case body

    /// For the client, in the JSON of the 400.
    var message: StaticString {
        switch self {
        case .nul: "the request holds a NUL"
        case .targetByte: "the request target holds a byte that must be escaped"
        case .targetForm: "the request target must begin with a slash"
        case .layout: "a line of the head is folded, hides a NUL, or does not end in CR LF"
        case .fieldName: "a header name holds a byte that names may not hold"
        case .fieldValue: "a header value holds a control character"
        case .host: "exactly one Host header is needed"
        case .repeatedLength: "there is more than one Content-Length header"
        case .repeatedEncoding: "there is more than one Transfer-Encoding header"
        case .lengthAndEncoding: "there are both Content-Length and Transfer-Encoding"
        case .body: "a GET or HEAD request may not carry a body"
        }
    }
}

/// The head of a request, as far as it decides whether the request may be answered.
struct Head {
    private var hosts = 0
    private var lengths = 0
    private var encodings = 0
    private var hasBody = false
    /// The first fault found; the layout is judged by who knows where the bytes were.
    var fault: HeadFault?

    init(_ target: Target) {
        fault = target.fault
    }

    /// Takes note of one header.
    mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        if !name.isToken { fault = fault ?? .fieldName }
        if !value.isFieldValue { fault = fault ?? .fieldValue }
        if name.isCaseInsensitively("host") { hosts += 1 }
        if name.isCaseInsensitively("content-length") {
            lengths += 1
            if !(value.count == 1 && value[0] == UInt8(ascii: "0")) { hasBody = true }
        }
        if name.isCaseInsensitively("transfer-encoding") {
            encodings += 1
            hasBody = true
        }
    }

    /// What is wrong, whatever the method; HTTP/1.0 may do without Host.
    func fault(isHTTP10: Bool) -> HeadFault? {
        if let fault { return fault }
        if hosts > 1 || (hosts == 0 && !isHTTP10) { return .host }
        if lengths > 1 { return .repeatedLength }
        if encodings > 1 { return .repeatedEncoding }
        return lengths > 0 && encodings > 0 ? .lengthAndEncoding : nil
    }

    /// What is wrong with it as a GET or a HEAD.
    func fault(ofGetFor path: String) -> HeadFault? {
        if hasBody { return .body }
        return path.utf8.first == UInt8(ascii: "/") ? nil : .targetForm
    }
}

extension Span<UInt8> {
    /// A token of RFC 9110, section 5.6.2.
    fileprivate var isToken: Bool {
        for index in indices {
            switch self[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2E, 0x5E, 0x60, 0x7C, 0x7E:  // !#$%&'*+.^`|~
                continue
            default:
                return false
            }
        }
        return !isEmpty
    }

    /// No control characters but the tab: no bare CR, no bare LF, no NUL.
    fileprivate var isFieldValue: Bool {
        for index in indices where self[index] != 0x09 {
            if self[index] < 0x20 || self[index] == 0x7F { return false }
        }
        return true
    }

    /// Whether it spells a lower-case word, in any case of ASCII.
    fileprivate func isCaseInsensitively(_ word: String) -> Bool {
        let letters = word.utf8.span
        guard count == letters.count else { return false }
        for index in indices where self[index] | 0x20 != letters[index] { return false }
        return true
    }
}
