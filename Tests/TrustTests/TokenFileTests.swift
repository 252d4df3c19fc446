import Testing

@testable import Trust

/// Files of tokens, and comparisons with them.
@Suite struct TokenFileTests {
    private static let first = "abcdefghijklmnop"
    private static let second = "ABCDEFGHIJKLMNOP-._~+/0=="

    private static func file(_ text: String) throws(TokenFault) -> TokenFile {
        try TokenFile(parsing: Array(text.utf8))
    }

    @Test func `each line has a token; blanks, empty lines and comments are ignored`() throws {
        for text in [
            "\(Self.first)\n\(Self.second)\n", "\(Self.first)\n\(Self.second)",
            "\r\n# old: secret\n \t\(Self.first)\t \r\n\n\(Self.second)\r\n#",
        ] {
            #expect(try Self.file(text).tokens.map(\.text) == [Self.first, Self.second])
        }
    }

    @Test(
        arguments: [
            ("", .empty), ("\n# \(first)\n \n", .empty),
            ("\(first)\nabcdefghijklmno\n", .length(line: 2)),
            (String(repeating: "a", count: 513), .length(line: 1)),
            ("\(first)\n\n\(first) \(first)", .character(line: 3)),
            ("äbcdefghijklmnop", .character(line: 1)), ("\(first)\0", .character(line: 1)),
            ("Bearer:\(first)", .character(line: 1)),
            (String(repeating: "\(first)\n", count: 1_001), .tooMany),
        ] as [(String, TokenFault)]
    )
    func `an invalid file is refused with the line, but without the token`(
        text: String,
        fault: TokenFault
    ) {
        #expect(throws: fault) { try Self.file(text) }
        #expect(!fault.description.contains("abcdef"))
    }

    @Test func `lengths of 16 and 512 are allowed, and 1,000 tokens`() throws {
        #expect(try Self.file(String(repeating: "a", count: 512)).tokens.count == 1)
        let many = String(repeating: "\(Self.first)\n", count: 1_000)
        #expect(try Self.file(many).tokens.count == 1_000)
    }

    @Test func `every token of the file is accepted, and no other text`() throws {
        let tokens = AcceptedTokens(try Self.file("\(Self.first)\n\(Self.second)"))
        #expect(tokens.count == 2)
        #expect(tokens.accepts(Self.first) && tokens.accepts(Self.second))
        for other in [
            "", "a", "\(Self.first)x", String(Self.first.dropLast()), Self.first.uppercased(),
            "\(Self.first)\n\(Self.second)", "\(Self.first) ", "bbcdefghijklmnop",
            String(repeating: "a", count: 10_000),
        ] {
            #expect(!tokens.accepts(other), "\(other)")
        }
    }

    @Test func `digests are equal only if every word is`() {
        let digest = Digest(SIMD4(1, 2, 3, 1 << 63))
        #expect(digest.equals(Digest(SIMD4(1, 2, 3, 1 << 63))) == 1)
        for index in 0..<4 {
            for bit in [0, 31, 63] {
                var words: SIMD4<UInt64> = SIMD4(1, 2, 3, 1 << 63)
                words[index] ^= 1 << bit
                #expect(digest.equals(Digest(words)) == 0, "bit \(bit) of word \(index)")
            }
        }
    }

    @Test func `the digest is SHA-256`() {
        // The digest of the empty text begins with e3b0c442 98fc1c14 (FIPS 180-4).
        let begin: [UInt8] = [0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14]
        let empty = unsafe withUnsafeBytes(of: Digest(of: [])) { unsafe Array($0.prefix(8)) }
        #expect(empty == begin)
    }

    @Test func `descriptions and dumps do not show a token`() throws {
        let file = try Self.file(Self.first)
        var text = "\(file) \(file.tokens[0]) \(String(reflecting: file))"
        dump(file, to: &text)
        #expect(!text.contains(Self.first))
    }
}
