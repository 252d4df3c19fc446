import TestSupport

extension SeededGenerator {
    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}

/// JSON source text; keys and scalars are verbatim, so it can also be invalid.
indirect enum Source {
    case text(String)
    case list([Source])
    case object([(key: String, value: Source)])

    var written: String {
        switch self {
        case .text(let text): text
        case .list(let items): "[\(items.map(\.written).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\($0.key):\($0.value.written)" }.joined(separator: ","))}"
        }
    }
}

/// Generates bodies that are a few mistakes away from a valid one, from a seed.
struct BodyGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func body() -> [UInt8] {
        var source = random.oneIn(20) ? Source.text(oddity()) : summary()
        for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&source) }
        var bytes = Array(source.written.utf8)
        if random.oneIn(5) {
            for _ in 0..<Int.random(in: 1...3, using: &random) { damage(&bytes) }
        }
        return bytes
    }

    /// A valid summary, sometimes with letters instead of long names or without optional fields.
    private mutating func summary() -> Source {
        let keys = [("progress", "P"), ("novelty", "N"), ("consistency", "Cc")]
        var components: [(key: String, value: Source)] = []
        for (word, letter) in keys {
            components.append(("\"\(random.oneIn(4) ? letter : word)\"", .text(unit())))
        }
        var members: [(key: String, value: Source)] = [
            ("\"node_id\"", .text("\"nova-\(random.next() % 100)\"")),
            ("\"ts\"", .text("\(random.next() % 2_000_000_000 + 1)")),
            ("\"version\"", .text("\"16.2\"")),
            (
                "\"metrics\"",
                .object([
                    ("\"peer_quality\"", .text(unit())), ("\"stability_margin\"", .text(unit())),
                    ("\"hopf_distance\"", .text(unit())), ("\"spectral_radius\"", .text(unit())),
                    ("\"gamma\"", .text(unit())), ("\"g_components\"", .object(components)),
                    ("\"g_star\"", .text(unit())),
                ])
            ),
        ]
        if random.oneIn(2) { members.append(("\"sig\"", .text("null"))) }
        if random.oneIn(2) { members.append(("\"instance\"", .text("\"3f09c2aa\""))) }
        return .object(members)
    }

    private mutating func unit() -> String { "\(Double.random(in: 0...1, using: &random))" }

    /// Changes one thing in one object of `source`.
    private mutating func mutate(_ source: inout Source) {
        guard case .object(var members) = source, !members.isEmpty else {
            source = .text(oddity())
            return
        }
        let chosen = Int.random(in: 0..<members.count, using: &random)
        if case .object = members[chosen].value, !random.oneIn(4) {
            mutate(&members[chosen].value)
        } else {
            mutate(&members, at: chosen)
        }
        source = .object(members)
    }

    private mutating func mutate(_ members: inout [(key: String, value: Source)], at chosen: Int) {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: members.remove(at: chosen)
        case 1: members.append(members[chosen])
        case 2: members.append((escaped(members[chosen].key), .text("0")))
        case 3: members[chosen].key = escaped(members[chosen].key)
        case 4: members[chosen].key = random.pick(Self.keys)
        case 5: members.append((random.pick(Self.keys), .text(oddity())))
        case 6: members.shuffle(using: &random)
        case 7:
            for _ in 0..<random.pick([1, 2, 28, 29, 30, 31, 32, 33]) {
                members[chosen].value = .list([members[chosen].value])
            }
        default: members[chosen].value = .text(oddity())
        }
    }

    /// The same key with one character as a \u escape.
    private mutating func escaped(_ key: String) -> String {
        var scalars = Array(key.unicodeScalars.dropFirst().dropLast())
        guard !scalars.isEmpty else { return key }
        let place = Int.random(in: 0..<scalars.count, using: &random)
        let escape = "\\u" + String(scalars[place].value + 0x10000, radix: 16).dropFirst()
        scalars.replaceSubrange(place...place, with: Array(escape.unicodeScalars))
        return "\"\(String(String.UnicodeScalarView(scalars)))\""
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = random.pick(Self.bytes)
        case 2: bytes.insert(random.pick(Self.bytes), at: place)
        case 3: bytes.remove(at: place)
        case 4: bytes.removeSubrange(place...)
        default: bytes.append(random.pick(Self.bytes))
        }
    }

    private static let keys = [
        "\"P\"", "\"N\"", "\"Cc\"", "\"progress\"", "\"gamma\"", "\"x\"", "\"\"", "\"sig\"",
        "\"Gamma\"", "\"gamma \"", "\"\\ud83c\\udf31\"", "\"\\udf31\"", "\"é\"",
    ]

    private static let bytes =
        Array("\"\\{}[]:,0159.eE+-tfnu \n".utf8) + [0, 0x1F, 0x7F, 0xC3, 0xFF]

    /// An unusual value, sometimes invalid JSON.
    private mutating func oddity() -> String {
        random.pick(random.oneIn(8) ? Self.malformed : random.oneIn(2) ? Self.numbers : Self.others)
    }

    private static let numbers = [
        "0", "-0", "-0.0", "1", "1.0", "1e0", "1E+0", "10e-1", "-1", "2", "1e-400", "1e400",
        "-1e400", "5e-324", "-5e-324", "1.0000000000000001", "1.0000000000000002",
        "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
        "-1.7976931348623157e308", "1e99999999999999999999", "0e99999999999999999999",
        "123456789012345678901234567890", "0.000000000000000000000000000001",
        "0.\(String(repeating: "5", count: 62))", "0.\(String(repeating: "5", count: 63))",
        "-1e-\(String(repeating: "0", count: 60))", "1e-\(String(repeating: "0", count: 62))",
    ]

    private static let others =
        [
            "null", "true", "false", "[]", "{}", "[1,2]", "{\"a\":1,\"a\":2}", "[[null]]",
            "\"0.5\"", "\"\\ud83c\\udf31\"", "\"\\uD83C\\uDF31\"", "\"\\u0000\"", "\"\\n\"",
            "\"\u{7F}\"", "\"\u{85}\"", "\"\u{FEFF}\"", "\"\\/\"",
        ]
        + [0, 1, 127, 128, 129]
        .flatMap { count in
            ["n", "é", "\u{301}", "\u{1F331}", "\\u00e9", "\\ud83c\\udf31", "\\t"]
                .map {
                    "\"\(String(repeating: $0, count: count))\""
                }
        }

    private static let malformed = [
        "NaN", "Infinity", "-Infinity", "01", "-01", "+1", "1.", ".5", "1e", "1e+", "-", "0x1",
        "nul", "True", "'a'", "\"\\ud83c\"", "\"\\udf31\"", "\"\\ud83cx\"", "\"\\u12g4\"",
        "\"\\x\"", "\"\n\"", "\u{FEFF}1", "1 2", "",
    ]
}
