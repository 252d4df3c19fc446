/// Appends values to a row of the saved state: integers and doubles in little-endian order, strings
/// as their length and their UTF-8.
package struct ByteWriter {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    package mutating func put(_ byte: UInt8) { bytes.append(byte) }

    package mutating func put(_ isTrue: Bool) { bytes.append(isTrue ? 1 : 0) }

    package mutating func put(_ number: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: number))
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    }

    package mutating func put(_ number: Double) { put([number]) }

    /// Puts several numbers, which takes half the time of one call for each.
    package mutating func put<let count: Int>(_ numbers: InlineArray<count, Double>) {
        bytes.append(addingCapacity: 8 * count) { room in
            for index in numbers.indices {
                let bits = numbers[index].bitPattern
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    room.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            }
        }
    }

    /// Puts a string of at most 65,535 bytes; a longer one is truncated at a scalar.
    package mutating func put(_ text: String) {
        var text = Substring(text)
        while text.utf8.count > UInt16.max { text.unicodeScalars.removeLast() }
        put(UInt16(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Puts whether there is a value, then the value.
    package mutating func put<Value>(
        _ value: Value?,
        _ body: (inout ByteWriter, Value) -> Void
    ) {
        put(value != nil)
        if let value { body(&self, value) }
    }
}

/// Why a row of the saved state cannot be read: it was damaged, or another program wrote it.
package enum SavedRowFault: Error, Hashable, Sendable {
    case endsEarly
    /// This program does not write such a value.
    case invalid
}

/// Reads what `ByteWriter` wrote; invalid bytes cause an error, never a trap.
package struct ByteReader {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: [UInt8]) { rest = bytes[...] }

    package var isAtEnd: Bool { rest.isEmpty }

    /// The bytes that are not read yet.
    package var remaining: [UInt8] { Array(rest) }

    package mutating func byte() throws(SavedRowFault) -> UInt8 {
        guard let byte = rest.popFirst() else { throw .endsEarly }
        return byte
    }

    package mutating func bool() throws(SavedRowFault) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .invalid
        }
    }

    package mutating func uint16() throws(SavedRowFault) -> UInt16 {
        let low = try byte()
        return try UInt16(byte()) << 8 | UInt16(low)
    }

    /// Any double, including infinities and NaN.
    package mutating func double() throws(SavedRowFault) -> Double {
        guard rest.count >= 8 else { throw .endsEarly }
        var bits: UInt64 = 0
        for byte in rest.prefix(8).reversed() { bits = bits << 8 | UInt64(byte) }
        rest = rest.dropFirst(8)
        return Double(bitPattern: bits)
    }

    package mutating func finite() throws(SavedRowFault) -> Double {
        let number = try double()
        guard number.isFinite else { throw .invalid }
        return number
    }

    package mutating func string() throws(SavedRowFault) -> String {
        let count = try Int(uint16())
        guard rest.count >= count else { throw .endsEarly }
        guard let text = String(validating: rest.prefix(count), as: UTF8.self) else {
            throw .invalid
        }
        rest = rest.dropFirst(count)
        return text
    }

    package mutating func optional<Value>(
        _ body: (inout ByteReader) throws(SavedRowFault) -> Value
    ) throws(SavedRowFault) -> Value? {
        try bool() ? body(&self) : nil
    }
}
