internal import CMicroHTTPD
internal import Glibc

/// The parts of a request target, without its query.
///
/// The target is in origin form (`/ready`) or in absolute form (`http://a:8100/ready`), which
/// servers must accept although clients send it only to proxies (RFC 9112, section 3.2).
struct Destination {
    /// The host and port of the absolute form, which override the Host header.
    private(set) var authority: String?
    /// Begins with a slash; escapes and dots stay as they were sent.
    private(set) var path: String
    /// If there is a fault, the path is the whole target.
    private(set) var fault: HeadFault?

    /// `scheme` is that of the URLs that the listener serves.
    init(_ target: String, scheme: String = "http") {
        path = target
        if target.utf8.first == UInt8(ascii: "/") { return }
        guard let mark = target.firstRange(of: "://"),
            Self.isScheme(target[..<mark.lowerBound])
        else {
            fault = .targetForm
            return
        }
        let rest = target[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let host = String(rest[..<slash])
        if target[..<mark.lowerBound].lowercased() != scheme {
            fault = .scheme
        } else if host.utf8.first.map({ $0 == UInt8(ascii: ":") }) ?? true
            || !host.utf8.span.isHostAndPort
        {
            fault = .authority
        } else {
            authority = host
            path = slash == rest.endIndex ? "/" : String(rest[slash...])
        }
    }

    /// A letter, then letters, digits, `+`, `-` and `.` (RFC 3986, section 3.1).
    private static func isScheme(_ text: Substring) -> Bool {
        text.utf8.first.map(\.isLetter) == true
            && text.utf8.allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
    }
}

extension Span<UInt8> {
    /// Whether it is `uri-host [ ":" port ]` (RFC 9110, section 7.2).
    ///
    /// The host may be empty, and so may the port, which is at most 65535.
    var isHostAndPort: Bool {
        var index = 0
        if !isEmpty, self[0] == UInt8(ascii: "[") {
            while index < count, self[index] != UInt8(ascii: "]") { index += 1 }
            guard index < count, isBracketed(1..<index) else { return false }
            index += 1
        } else {
            while index < count, self[index] != UInt8(ascii: ":") {
                if self[index] == UInt8(ascii: "%"), isEscape(at: index) {
                    index += 3
                } else if self[index].mayBeInName {
                    index += 1
                } else {
                    return false
                }
            }
        }
        guard index < count else { return true }
        guard self[index] == UInt8(ascii: ":") else { return false }
        return isPort((index + 1)..<count)
    }

    /// Whether it is empty or a number up to 65535, with or without leading zeros.
    private func isPort(_ range: Range<Int>) -> Bool {
        var port = 0
        for index in range {
            guard self[index].isDigit else { return false }
            port = port * 10 + Int(self[index] - UInt8(ascii: "0"))
            guard port <= Int(UInt16.max) else { return false }
        }
        return true
    }

    /// Whether it is an IPv6 address, or a future one (`v7.…`) of valid characters.
    private func isBracketed(_ range: Range<Int>) -> Bool {
        var text = ""
        for index in range {
            guard self[index].mayBeInName || self[index] == UInt8(ascii: ":") else { return false }
            text.unicodeScalars.append(Unicode.Scalar(self[index]))
        }
        if text.utf8.first.map({ $0 | 0x20 == UInt8(ascii: "v") }) == true {
            let version = text.dropFirst().prefix { $0 != "." }
            return !version.isEmpty && version.utf8.allSatisfy(\.isHexDigit)
                && text.utf8.count > version.utf8.count + 2
        }
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, text, &address) == 1
    }

    /// The text with its escapes decoded; bytes that are not UTF-8 are replaced.
    var percentDecoded: String {
        var decoded: [UInt8] = []
        var index = 0
        while index < count {
            if self[index] == UInt8(ascii: "%"), isEscape(at: index) {
                decoded.append(self[index + 1].hexValue << 4 | self[index + 2].hexValue)
                index += 3
            } else {
                decoded.append(self[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Whether a percent sign at this place precedes two hexadecimal digits.
    func isEscape(at index: Int) -> Bool {
        index + 2 < count && self[index + 1].isHexDigit && self[index + 2].isHexDigit
    }
}

extension UInt8 {
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    var isLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20 }
    var isHexDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self | 0x20 }
    /// The value of a hexadecimal digit.
    fileprivate var hexValue: UInt8 { isDigit ? self & 0x0F : (self & 0x0F) + 9 }
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// Whether a registered name may contain it unescaped (RFC 3986, section 3.2.2).
    fileprivate var mayBeInName: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"),
            UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: isLetter || isDigit
        }
    }
}

/// The local address and port of a connection, as in a URL; nil if its socket is not an IP socket
/// (getsockname(2)).
nonisolated func localAddress(of socket: CInt) -> String? { address(of: socket, isLocal: true) }

/// The address and port of the client, in the same form (getpeername(2)).
nonisolated func clientAddress(of socket: CInt) -> String? { address(of: socket, isLocal: false) }

extension Client {
    /// Nil if the socket has no client (getpeername(2)).
    init?(of socket: CInt) {
        let client = mhd_client_at(socket)
        self.init(address: UInt128(client), port: client.port)
        guard address != 0 else { return nil }
    }
}

extension UInt128 {
    /// An address as a number.
    init(_ client: mhd_client) { self = UInt128(client.high) << 64 | UInt128(client.low) }
}

private nonisolated func address(of socket: CInt, isLocal: Bool) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let count = unsafe mhd_address(socket, isLocal ? 1 : 0, &text, text.count)
    return count > 0
        ? String(decoding: text[..<Int(count)].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}
