import Testing

@testable import YAMLReader

/// Documents, and the faults of invalid ones.
struct YAMLNodeTests {
    /// A document in one line, with text in quotes, and with the line of each node if `lines`.
    static func outline(_ text: String, lines: Bool = false) throws(YAMLFault) -> String? {
        try YAMLNode.document(Array(text.utf8)).map { outline($0, lines: lines) }
    }

    private static func outline(_ node: YAMLNode, lines: Bool) -> String {
        let line = lines ? "\(node.line):" : ""
        switch node.content {
        case .scalar(let text): return line + "'\(text)'"
        case .sequence(let items):
            return line + "[" + items.map { outline($0, lines: lines) }.joined(separator: " ") + "]"
        case .mapping(let pairs):
            let texts = pairs.map { key, value in
                outline(key, lines: lines) + "=" + outline(value, lines: lines)
            }
            return line + "{" + texts.joined(separator: " ") + "}"
        }
    }

    @Test(
        arguments: [
            ("[a, 'b', \"c\\u00e9\", 1.0, ~, yes]", "['a' 'b' 'cé' '1.0' '~' 'yes']"),
            ("- |-\n  a\n  b\n-\n", "['a\nb' '']"),
            ("{b: 1, a: {}, ? [x] : [[]]}", "{'b'='1' 'a'={} ['x']=[[]]}"),
            ("!!int 7", "'7'"),
            ("!mine {a: !!binary eA==}", "{'a'='eA=='}"),
            ("\u{FEFF}- a\n- b\n", "['a' 'b']"),
            ("%YAML 1.1\n--- a\n...\n", "'a'"),
            ("a\r\n", "'a'"),
            ("", nil), ("# nothing\n\n", nil), ("\u{FEFF}", nil), ("---\n", "''"),
        ] as [(String, String?)]
    )
    func `a document is read, and an empty stream has none`(
        text: String,
        outline: String?
    ) throws {
        #expect(try Self.outline(text) == outline)
    }

    @Test func `each node has the line on which it starts`() throws {
        let text = "# one\n- a\n-\n  b: |\n    c\n    d\n  e:\n  - f\n"
        #expect(
            try Self.outline(text, lines: true)
                == "2:[2:'a' 4:{4:'b'=4:'c\nd\n' 7:'e'=8:[8:'f']}]"
        )
    }

    @Test(
        arguments: [
            ("[&x a, *x, *x]", "['a' 'a' 'a']"),
            ("- &x {a: &y [b]}\n- *x\n- *y\n", "[{'a'=['b']} {'a'=['b']} ['b']]"),
            ("[&x a, *x, &x b, *x]", "['a' 'a' 'b' 'b']"),
            ("{&k a: b, c: *k}", "{'a'='b' 'c'='a'}"),
        ]
    )
    func `an alias stands for the latest node with its anchor`(text: String, outline: String) throws
    {
        #expect(try Self.outline(text) == outline)
    }

    @Test(
        arguments: [
            ("[}", 1, "is not YAML: did not find expected node content"),
            ("[\n a", 3, "is not YAML: did not find expected ',' or ']'"),
            ("- a\nb: c\n", 2, "is not YAML: did not find expected '-' indicator"),
            ("a: b: c", 1, "is not YAML: mapping values are not allowed in this context"),
            ("- \"\n\n", 3, "is not YAML: found unexpected end of stream"),
            ("a\n\u{1}", 2, "is not YAML: control characters are not allowed"),
            ("[\"\\ud83d\\ude00\"]", 1, "is not YAML: found invalid Unicode character escape code"),
            ("a\n---\nb\n", 2, "contains a second document; allowed: one"),
            ("a\n--- [", 2, "contains a second document; allowed: one"),
            ("- a\n- *x\n", 2, "uses the alias *x before its anchor &x"),
            ("&x [\n*x]", 2, "uses the alias *x before its anchor &x"),
            ("&x {a: {\n? *x : b}}", 2, "uses the alias *x before its anchor &x"),
            ("[*x, &x a]", 1, "uses the alias *x before its anchor &x"),
            ("a: b\nc:\n  d: e\n  'd': f\n", 4, "has the key 'd' twice"),
            ("{&x a: b,\n*x : c}", 2, "has the key 'a' twice"),
        ]
    )
    func `a fault contains its line`(text: String, line: Int, reason: String) {
        let fault = #expect(throws: YAMLFault.self) { try Self.outline(text) }
        #expect(fault?.line == line)
        #expect(fault?.reason == reason)
    }

    @Test func `invalid UTF-8 is reported with its line, whatever the byte order mark`() {
        for bytes: [UInt8] in [[0x61, 0x0A, 0xC3, 0x28], [0x61, 0x0A, 0xED, 0xA0, 0x80]] {
            let fault = #expect(throws: YAMLFault.self) { try YAMLNode.document(bytes) }
            #expect(fault?.line == 2)
        }
        let other: [UInt8] = [0xFF, 0xFE, 0x61, 0x00]
        let fault = #expect(throws: YAMLFault.self) { try YAMLNode.document(other) }
        #expect(fault == YAMLFault(reason: "is not YAML: invalid leading UTF-8 octet", line: 1))
    }

    @Test func `a document has at most 32 levels, in flow and in block style`() throws {
        for depth in [32, 33, 100_000] {
            let flow = String(repeating: "[", count: depth)
            let block = String(repeating: "- ", count: depth)
            let closed = flow + String(repeating: "]", count: depth)
            for text in [closed, block + "a"] {
                // The innermost brackets are empty, the innermost dash has the item a.
                let isDeep = depth > (text == closed ? 32 : 31)
                let fault = YAMLFault(reason: "is nested deeper than 32 levels", line: 1)
                do throws(YAMLFault) {
                    _ = try Self.outline(text)
                    #expect(!isDeep, "\(depth)")
                } catch {
                    #expect(isDeep && error == fault, "\(depth)")
                }
            }
        }
    }

    @Test func `nested aliases cannot make a small file a huge or deep tree`() {
        let doubling = (1...60).map { "- &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }
        let fault = #expect(throws: YAMLFault.self) {
            try Self.outline("- &a0 [x, x]\n" + doubling.joined())
        }
        #expect(
            fault == YAMLFault(reason: "uses the alias *a8 for more than 1000 values", line: 10)
        )
        let nesting = (1...100_000).map { "- &a\($0) [*a\($0 - 1)]\n" }
        let deep = #expect(throws: YAMLFault.self) {
            try Self.outline("- &a0 x\n" + nesting.joined())
        }
        #expect(
            deep == YAMLFault(reason: "uses the alias *a1000 for more than 1000 values", line: 1002)
        )
    }

    @Test func `repeated merges of one mapping are limited`() {
        let labels = (0..<400).map { "l\($0): v" }.joined(separator: ", ")
        let merged = Array(repeating: "*l", count: 20_000).joined(separator: ", ")
        let fault = #expect(throws: YAMLFault.self) {
            try Self.outline("- &l {\(labels)}\n- {<<: [\(merged)]}\n")
        }
        #expect(fault?.reason == "has more than 4000000 values")
    }

    @Test func `many anchors, aliases and keys are read quickly`() throws {
        let count = 200_000
        let names = (0..<count).map { "- &a\($0) x\n- *a\($0 / 2)\n- {k\($0): v}\n" }.joined()
        let started = ContinuousClock.now
        let root = try YAMLNode.document(Array(names.utf8))
        #expect(root?.sequence?.count == 3 * count)
        let keys = (0..<count).map { "k\($0): v\n" }.joined()
        #expect(try YAMLNode.document(Array(keys.utf8))?.mapping?.count == count)
        // A linear search for each would take a hundred times as long.
        #expect(ContinuousClock.now - started < .seconds(20))
    }
}
