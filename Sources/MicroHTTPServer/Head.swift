/// The target of the request line as received, before the library removes the query.
struct Target: Sendable {
    /// Bytes up to the first NUL, which may not be the end of the target.
    let length: Int
    let fault: HeadFault?

    /// The target as a number for the library's pointer; odd, unlike the address of an object.
    var mark: UInt { UInt(length) << 16 | UInt(fault?.rawValue ?? 0) << 8 | 1 }

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
            switch bytes[index] {
            case 0...0x20, 0x7F..., UInt8(ascii: "#"): return .targetByte
            case UInt8(ascii: "%"):
                guard bytes.isEscape(at: index) else { return .escape }
                if bytes[index + 1] | bytes[index + 2] == UInt8(ascii: "0") { return .nul }
            default: continue
            }
        }
        return nil
    }
}

/// The parts of a request head that decide whether the request is accepted.
struct Head {
    private var hosts = 0
    private var lengths = 0
    private var encodings = 0
    private var hasBody = false
    /// The first fault found; `HeadLayoutCheck` checks the layout.
    var fault: HeadFault?

    init(_ target: Target) {
        fault = target.fault
    }

    /// Adds a header.
    mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        if !name.isToken { fault = fault ?? .fieldName }
        if !value.isFieldValue { fault = fault ?? .fieldValue }
        if name.isCaseInsensitively("host") {
            hosts += 1
            if !value.extracting(value.withoutBlanks).isHostAndPort { fault = fault ?? .hostValue }
        }
        if name.isCaseInsensitively("content-length") {
            lengths += 1
            let length = value.extracting(value.withoutBlanks)
            if !length.isNumber { fault = fault ?? .length }
            if !length.isZero { hasBody = true }
        }
        if name.isCaseInsensitively("transfer-encoding") {
            encodings += 1
            hasBody = true
        }
    }

    /// The fault for any method; HTTP/1.0 may omit Host.
    func fault(isHTTP10: Bool) -> HeadFault? {
        if let fault { return fault }
        if hosts > 1 || (hosts == 0 && !isHTTP10) { return .host }
        if lengths > 1 { return .repeatedLength }
        if encodings > 1 { return .repeatedEncoding }
        return lengths > 0 && encodings > 0 ? .lengthAndEncoding : nil
    }

    /// The further fault for GET and HEAD.
    func fault(ofGetFor destination: Destination) -> HeadFault? {
        hasBody ? .body : destination.fault
    }
}

extension Span<UInt8> {
    /// A token: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110, section 5.6.2).
    fileprivate var isToken: Bool {
        for index in indices where !self[index].isLetter && !self[index].isDigit {
            switch self[index] {
            case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: continue
            default: return false
            }
        }
        return !isEmpty
    }

    fileprivate var isNumber: Bool {
        for index in indices where !self[index].isDigit { return false }
        return !isEmpty
    }

    /// Whether every byte is a zero; there may be any number of them (RFC 9110, section 8.6).
    fileprivate var isZero: Bool {
        for index in indices where self[index] != UInt8(ascii: "0") { return false }
        return true
    }

    /// The range without leading and trailing blanks (RFC 9112, section 5).
    fileprivate var withoutBlanks: Range<Int> {
        var range = indices
        while let first = range.first, self[first].isBlank { range = first + 1..<range.upperBound }
        while let last = range.last, self[last].isBlank { range = range.lowerBound..<last }
        return range
    }

    /// Without control characters except the tab, so without bare CR, bare LF and NUL.
    fileprivate var isFieldValue: Bool {
        for index in indices where self[index] != 0x09 {
            if self[index] < 0x20 || self[index] == 0x7F { return false }
        }
        return true
    }

    /// Whether it equals a lower-case word, ignoring the case of ASCII letters.
    fileprivate func isCaseInsensitively(_ word: String) -> Bool {
        let letters = word.utf8.span
        guard count == letters.count else { return false }
        for index in indices where self[index] | 0x20 != letters[index] { return false }
        return true
    }
}
