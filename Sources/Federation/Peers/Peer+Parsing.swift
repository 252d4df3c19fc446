internal import JSON

extension Peer {
    /// The longest item, including the name; the URL still fits a request line.
    package static let maximumBytes = 2_048
    /// The longest name.
    package static let maximumNameBytes = 64
    /// The names that `isName` accepts, for a fault.
    package static let allowedNames = "1 to 64 of A-Z a-z 0-9 . _ -, except . and .."

    /// Reads one item of a list of peers: `URL` or `name=URL`.
    ///
    /// The URL consists of `http` or `https`, a host, an optional port and an optional path prefix,
    /// which is stored without trailing slashes. Other parts of a URL are refused: they would be
    /// dropped silently, or they are secrets.
    package init(parsing item: String) throws(PeerFault) {
        do throws(PeerFault) {
            try self.init(checking: item)
        } catch {
            // What looks like a host or a port may be a part of a password.
            throw error.mayBeUserInfo && item.containsAtSign ? .userInfo : error
        }
    }

    private init(checking item: String) throws(PeerFault) {
        let (name, url) = try Self.split(item)
        let (scheme, rest) = try Self.scheme(of: url, named: name)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        if rest[..<slash].containsAtSign { throw .userInfo }
        if let mark = rest.first(where: { $0 == "?" || $0 == "#" }) {
            throw mark == "?" ? .query : .fragment
        }
        let authority = try Authority(parsing: rest[..<slash])
        if authority.port == 0 { throw .badPort }

        self.scheme = scheme
        host = authority.host
        port = authority.port ?? scheme.defaultPort
        pathPrefix = try Self.prefix(rest[slash...])
        label = ""
        label = name ?? place
    }

    /// Checks the whole item and splits it at the first `=` before `://`.
    private static func split(_ item: String) throws(PeerFault) -> (name: String?, url: Substring) {
        guard item.utf8.count <= maximumBytes else { throw .tooLong }
        let trimmed = item.trimmingBlanks
        guard !trimmed.isEmpty else { throw .empty }
        for scalar in trimmed.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x20: throw .blank
            case 0..<0x20, 0x7F: throw .controlCharacter
            case 0x80...: throw .nonASCII
            default: continue
            }
        }

        let end = trimmed.firstRange(of: "://")?.lowerBound ?? trimmed.endIndex
        guard let equals = trimmed[..<end].firstIndex(of: "=") else { return (nil, trimmed) }
        let name = String(trimmed[..<equals])
        guard isName(name) else { throw .badName(name) }
        return (name, trimmed[trimmed.index(after: equals)...])
    }

    /// Whether the text can be a name: 1 to 64 of `[A-Za-z0-9._-]`, but not `.` or `..`.
    ///
    /// Browsers remove these two from the path of a page.
    package static func isName(_ text: String) -> Bool {
        text != "." && text != ".." && (1...maximumNameBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }

    /// Splits the scheme from a URL.
    private static func scheme(
        of url: Substring,
        named name: String?
    ) throws(PeerFault) -> (Scheme, Substring) {
        guard let separator = url.firstRange(of: "://") else {
            if url.containsAtSign { throw .userInfo }
            let place = url.prefix { $0 != "?" && $0 != "#" }
            throw .missingScheme(suggestion: (name.map { "\($0)=" } ?? "") + "http://\(place)")
        }
        let word = String(url[..<separator.lowerBound])
        guard let scheme = Scheme(rawValue: word.lowercased()) else {
            throw .unsupportedScheme(word)
        }
        return (scheme, url[separator.upperBound...])
    }

    /// Checks a path and removes its trailing slashes.
    private static func prefix(_ path: Substring) throws(PeerFault) -> String {
        var path = path
        while path.last == "/" { path.removeLast() }
        for segment in path.split(separator: "/") {
            guard segment != ".", segment != "..", isSegment(segment) else { throw .badPath }
        }
        return String(path)
    }

    /// Whether a path segment contains only characters of RFC 3986 and complete escapes.
    private static func isSegment(_ segment: Substring) -> Bool {
        let bytes = Array(segment.utf8)
        let marks = "-._~!$&'()*+,;=:@%".utf8
        return bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            guard byte == UInt8(ascii: "%") else {
                return byte.isLetter || byte.isDigit || marks.contains(byte)
            }
            return index + 2 < bytes.count && bytes[index + 1].isHexDigit
                && bytes[index + 2].isHexDigit
        }
    }
}

extension StringProtocol {
    /// Whether the text contains an `@`, or an escaped one, as after user information.
    package var containsAtSign: Bool { contains("@") || contains("%40") }

    /// The text without leading and trailing spaces and tabs.
    package var trimmingBlanks: SubSequence {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = firstIndex { !isBlank($0) } ?? endIndex
        let end = lastIndex { !isBlank($0) }.map(index(after:)) ?? start
        return self[start..<end]
    }
}
