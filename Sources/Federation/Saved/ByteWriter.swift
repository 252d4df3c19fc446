/// Appends values to a row of the saved state: integers and doubles in little-endian order, strings
/// as their length and their UTF-8.
package struct ByteWriter {
    /// The bytes of the row, and room after them: storing takes a third of the time of appending.
    private var storage: [UInt8]
    private var count = 0

    /// Starts an empty row; `capacity` is in bytes.
    package init(capacity: Int = 2_048) { storage = Array(repeating: 0, count: capacity) }

    /// Starts another row in the same storage.
    mutating func clear() { count = 0 }

    /// The bytes of the row.
    package var bytes: [UInt8] { Array(storage.prefix(count)) }

    package mutating func put(_ byte: UInt8) { put(plain: byte) }

    package mutating func put(_ isTrue: Bool) { put(plain: isTrue ? 1 as UInt8 : 0) }

    package mutating func put(_ number: UInt16) { put(plain: number.littleEndian) }

    package mutating func put(_ number: Double) { put(plain: number.bitPattern.littleEndian) }

    /// Puts several numbers, which takes half the time of one call for each.
    package mutating func put<let count: Int>(_ numbers: InlineArray<count, Double>) {
        makeRoom(8 * count)
        unsafe storage.withUnsafeMutableBytes {
            for index in numbers.indices {
                unsafe $0.storeBytes(
                    of: numbers[index].bitPattern.littleEndian,
                    toByteOffset: self.count + 8 * index,
                    as: UInt64.self
                )
            }
        }
        self.count += 8 * count
    }

    /// Puts the bytes of an integer as they are in memory.
    private mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(plain value: Value) {
        let size = MemoryLayout<Value>.size
        makeRoom(size)
        unsafe storage.withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: value, toByteOffset: count, as: Value.self)
        }
        count += size
    }

    private mutating func makeRoom(_ size: Int) {
        guard storage.count - count < size else { return }
        storage += Array(repeating: 0, count: max(size, storage.count))
    }

    /// Puts a string of at most 65,535 bytes; a longer one is truncated at a scalar.
    package mutating func put(_ text: String) {
        var text = text
        while text.utf8.count > UInt16.max { text.unicodeScalars.removeLast() }
        put(UInt16(text.utf8.count))
        makeRoom(text.utf8.count)
        for byte in text.utf8 {
            storage[count] = byte
            count += 1
        }
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
