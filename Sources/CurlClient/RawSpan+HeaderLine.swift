// Parsing of one header line, for `ResponseReceiver`.

extension RawSpan {
    subscript(index: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    /// Whether it begins with `prefix`, ignoring case; `prefix` is in lower case.
    func starts(withLowercased prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return byteCount >= count
            && (0..<count).allSatisfy { unsafe self[$0].lowercased == prefix.utf8Start[$0] }
    }

    /// The range of the value of a header line, without surrounding blanks.
    ///
    /// Nil if the header has another name; `name` is in lower case and ends with the colon.
    func value(ofLowercased name: StaticString) -> Range<Int>? {
        guard starts(withLowercased: name) else { return nil }
        var low = name.utf8CodeUnitCount
        var high = byteCount
        while low < high, self[low].isBlank { low += 1 }
        while high > low, self[high - 1].isBlank { high -= 1 }
        return low..<high
    }

    func bytes(in range: Range<Int>) -> [UInt8] {
        range.map { self[$0] }
    }

    /// A number of 1 to 18 digits; nil otherwise.
    ///
    /// libcurl ignores a longer Content-Length and reads until the connection ends.
    func number(in digits: Range<Int>) -> Int? {
        guard 1...18 ~= digits.count, digits.allSatisfy({ self[$0].isDigit }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int(self[$1] - UInt8(ascii: "0")) }
    }

    /// N of `Keep-Alive: timeout=N` with 1 to 6 digits; nil otherwise.
    var keepAliveSeconds: Int? {
        guard let value = value(ofLowercased: "keep-alive:") else { return nil }
        for parameter in bytes(in: value).split(separator: UInt8(ascii: ",")) {
            let name = parameter.drop(while: \.isBlank).prefix { $0 != UInt8(ascii: "=") }
            let digits = parameter[name.endIndex...].dropFirst().prefix(while: \.isDigit)
            guard name.equalsLowercased("timeout"), 1...6 ~= digits.count else { continue }
            return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        return nil
    }

    /// The three digits after the first blank of a status line; 0 if there are none.
    var statusCode: Int {
        guard let blank = (0..<byteCount).first(where: { self[$0] == UInt8(ascii: " ") }),
            byteCount >= blank + 4
        else { return 0 }
        return number(in: blank + 1..<blank + 4) ?? 0
    }
}

extension UInt8 {
    var isDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    var isBlank: Bool {
        self == UInt8(ascii: " ") || (9...13).contains(self)
    }
}

extension Sequence<UInt8> {
    func equalsLowercased(_ text: String) -> Bool {
        lazy.map(\.lowercased).elementsEqual(text.utf8)
    }
}
