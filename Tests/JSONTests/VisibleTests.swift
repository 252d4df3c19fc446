import JSON
import Testing

/// Which characters of foreign text are shown unchanged.
struct VisibleTests {
    /// Ranges of scalars that must never reach a terminal or a log unescaped.
    static let hidden: [(name: String, scalars: ClosedRange<UInt32>)] = [
        ("C0", 0x00...0x1F), ("DEL and C1", 0x7F...0x9F), ("soft hyphen", 0xAD...0xAD),
        ("grapheme joiner", 0x34F...0x34F), ("Arabic letter mark", 0x61C...0x61C),
        ("Hangul fillers", 0x115F...0x1160), ("zero width and direction", 0x200B...0x200F),
        ("separators, embeddings and overrides", 0x2028...0x202E),
        ("word joiner to isolates", 0x2060...0x2069), ("deprecated formats", 0x206A...0x206F),
        ("Hangul filler", 0x3164...0x3164), ("variation selectors", 0xFE00...0xFE0F),
        ("byte order mark", 0xFEFF...0xFEFF), ("annotations", 0xFFF9...0xFFFB),
        ("tags", 0xE0001...0xE007F), ("more variation selectors", 0xE0100...0xE01EF),
    ]

    @Test(arguments: hidden.indices)
    func `characters that move the cursor, turn the text or have no glyph are invisible`(index: Int)
    {
        for value in Self.hidden[index].scalars {
            guard let scalar = Unicode.Scalar(value) else { continue }
            #expect(!scalar.isVisible, "\(String(value, radix: 16))")
            let text = "a\(scalar)b"
            let quoted = text.quotedAsJSON
            #expect(quoted.hasPrefix("\"a\\") && quoted.hasSuffix("b\""))
            #expect(quoted.unicodeScalars.allSatisfy { $0.isVisible })
            #expect(text.visible == "a\\u{\(String(value, radix: 16))}b")
            #expect(text.visible.visible == text.visible)
        }
    }

    @Test(arguments: ["größe 節 🛰", "a~ b", "e\u{301}", "\u{A0}", "", "नमस्ते", "العربية"])
    func `letters of every script are shown unchanged`(text: String) {
        #expect(text.visible == text)
        #expect(text.quotedAsJSON == "\"\(text)\"")
    }

    @Test
    func `a scalar above U+FFFF becomes two escapes`() {
        #expect("\u{E0041}".quotedAsJSON == #""\udb40\udc41""#)
        #expect("\u{202E}\n".quotedAsJSON == #""\u202e\n""#)
    }

    @Test
    func `only visibleLines keeps line feeds`() {
        #expect("a\nb\r\n".visible == #"a\u{a}b\u{d}\u{a}"#)
        #expect("a\nb\r\n".visibleLines == "a\nb\\u{d}\n")
    }
}
