import TestSupport
import Testing

@testable import Settings

/// The syntax of the settings file.
struct SettingsFileTests {
    /// The keys and values of a file, and its faults without their path.
    static func read(_ bytes: [UInt8]) -> (entries: [String: String], faults: [String]) {
        let file = EnvironmentFile(parsing: bytes, path: "f")
        let entries = file.entries.map { ($0.key, $0.value) }
        return (Dictionary(entries) { first, _ in first }, file.faults.lines)
    }

    static func read(_ text: String) -> (entries: [String: String], faults: [String]) {
        read(Array(text.utf8))
    }

    @Test(
        arguments: [
            ("K=v", "v"), ("K=", ""), ("K=v\r", "v"), (" K = v \t", "v"), ("K=a b", "a b"),
            (#"K="v""#, "v"), ("K='v'", "v"), (#"K=" v ""#, " v "), (#"K="a'b""#, "a'b"),
            (#"K='a"b'"#, #"a"b"#), (#"K="a\nb$HOME""#, #"a\nb$HOME"#), ("K=$HOME", "$HOME"),
            ("K=a=b", "a=b"), (#"K=a"b"#, #"a"b"#), ("K=v # why", "v"), (#"K="v" # why"#, "v"),
            ("K= # why", ""), ("K=v#w", "v#w"), (#"K="v # w""#, "v # w"), (#"K="""#, ""),
            ("K=\t#", ""), ("\u{FEFF}K=v", "v"), ("K=ä", "ä"), ("K1_=v", nil), ("#K=v", nil),
            ("  # K=v", nil), ("", nil), ("   ", nil),
        ]
    )
    func `a line sets its value`(line: String, value: String?) {
        let (entries, faults) = Self.read(line)
        #expect(entries["K"] == value)
        #expect(faults.isEmpty)
    }

    @Test(
        arguments: [
            ("V", "V: has no =; allowed: KEY=VALUE"), ("V # why", "has no =; allowed: KEY=VALUE"),
            ("V: v", "V: is not KEY=VALUE"), ("V v", "V: is not KEY=VALUE"),
            (#"V="v"#, "a quote that is not closed"), (#"V="v'"#, "a quote that is not closed"),
            ("V='v\nw'", "a quote that is not closed"),
            (#"V="v"w"#, "text after its closing quote"),
            ("V='v' w", "text after its closing quote"),
            ("V=\"v\\\"\nA=\"\"", "a quote that is not closed on its line"),
            ("V=\0", "NUL"), ("export V='v", "f:1: V: has a quote"),
            ("V=v\nA=\nV=w", "f:3: V: is already set on line 1"),
        ]
    )
    func `an invalid line with one of our keys is a fault`(text: String, reason: String) {
        let key = "NOVA_VERSION"
        let faults = Self.read(text.replacing("V", with: key)).faults
        #expect(faults.count == 1)
        let expected = reason.replacing("V:", with: "\(key):")
        #expect(faults.first?.contains(expected) == true, "\(faults)")
    }

    /// Lines of other programs that python-dotenv accepts or skips.
    static let foreign = [
        "A=1\nA=2", "A", "A # why", "A=", "A = 1", "export A=1", "export A", "export", "export =1",
        "A.B-C=1", "1A=1", "A:1", "A: 1", "A B=1", "=1", "==", "'A B'=1", "'A", "A+=1", "ä=ö",
        #"A="say \"hello\"""#, #"A='it\'s'"#, #"A="C:\\dir\\""#, #"A='C:\dir\'"#, #"A="open"#,
        "A='open", #"A="x" y"#, #"A="x"y"z""#, "A=`x`", "A=`x\ny`", "A=$(x)", "A=${B:-c}",
        "A=a # b",
        "A=a#b", "A=#b", #"A="a # b" # c"#, ##"A="x"#y"##, "A=\"\n\n\"", "A='\n'", #"A="a\nb\tc""#,
        "A=\"-----BEGIN X-----\nabc==\n-----END X-----\"", "A='{\n  \"b\": 1\n}'", "A=\u{A0}x",
        "A\u{A0}=x", "A=\0", "A=\u{FFFD}", "{\"a\": 1}", "a: [b]", "<xml/>", "if x; then", "\\",
        "\"",
        "A=x\\", "A=\"x\\\ny\"", "\u{1F}A=x", "\u{C}A=x", "#", "#A=\"", "# it's", "  # x",
        "SOME_TOKEN='--- it''s'", "A='NOVA_VERSION=2'", "A=1 NOVA_VERSION=2", "NOVA_VERSIONS=2",
    ]

    @Test(arguments: foreign, ["\n", "\r\n", "\r"])
    func `a line of another program is never a fault and hides no setting`(
        foreign: String,
        end: String
    ) {
        let lines = foreign.replacing("\n", with: end)
        let text = ["NOVA_VERSION=1", lines, "NOVA_FED_DRAIN_SEC=7", ""].joined(separator: end)
        let (entries, faults) = Self.read(text)
        #expect(faults == [])
        #expect(entries["NOVA_VERSION"] == "1")
        #expect(entries["NOVA_FED_DRAIN_SEC"] == "7")
    }

    @Test func `invalid UTF-8 is a fault only in lines with our keys`() {
        let bytes = Array("A=".utf8) + [0xFF, 0x0A] + Array("# caf".utf8) + [0xE9, 0x0A]
        #expect(Self.read(bytes + Array("NOVA_VERSION=1".utf8)).entries["NOVA_VERSION"] == "1")
        let ours = Self.read(bytes + Array("NOVA_VERSION=".utf8) + [0xE9]).faults
        #expect(ours == ["f:3: NOVA_VERSION: is not UTF-8; allowed: UTF-8 without NUL"])
    }

    @Test func `assignments inside a value of several lines are not settings`() throws {
        let text = """
            A="-----BEGIN X-----
            NOVA_VERSION=2
            export NOVA_FED_DRAIN_SEC=3
            -----END X-----"
            NOVA_VERSION=1
            junk of somebody
            more junk
            """
        let file = EnvironmentFile(parsing: Array(text.utf8), path: "f")
        #expect(file.faults.isEmpty)
        #expect(file.entries.map(\.key) == ["A", "NOVA_VERSION"])
        #expect(file.entries.last?.value == "1" && file.entries.last?.line == 5)
        #expect(
            file.warnings == [
                "f:1: lines 1 to 4 are one quoted value, so these settings inside it are not read: "
                    + "NOVA_VERSION (line 2), NOVA_FED_DRAIN_SEC (line 3); to set them, "
                    + "close the quote before them",
                "f:6: the line is not KEY=VALUE and is ignored, as is 1 more",
            ]
        )
    }

    @Test
    func `a warning names the settings inside a foreign quote that closes too late`() throws {
        let text = """
            GREETING="it's
            NOVA_FED_DRAIN_SEC=3
            # NOVA_NODE_ID=x
            NOVA_FED_PEERS is set below
            'NOVA_FED_LOG_LEVEL' = debug
            export NOVA_FED_PEERS="http://a"
            NOVA_VERSION=1
            """
        let file = EnvironmentFile(parsing: Array(text.utf8), path: "f")
        #expect(file.faults.isEmpty)
        #expect(file.entries.map(\.key) == ["NOVA_VERSION"])
        #expect(
            file.warnings == [
                "f:1: lines 1 to 6 are one quoted value, so these settings inside it are not read: "
                    + "NOVA_FED_DRAIN_SEC (line 2), NOVA_FED_LOG_LEVEL (line 5), NOVA_FED_PEERS "
                    + "(line 6); to set them, close the quote before them",
                "f:1: the statement on lines 1 to 6 has text after its closing quote and is "
                    + "ignored",
            ]
        )
    }

    @Test func `warnings name all settings inside many foreign quotes`() {
        let text =
            String(repeating: "A='\nNOVA_VERSION=1\n'\n", count: 20)
            + "A='\nNOVA_NODE_ID=1\n'\nA='\nNOVA_FED_PEERS=1\n'\n"
        let warnings = EnvironmentFile(parsing: Array(text.utf8), path: "f").warnings
        #expect(warnings.count == 21)
        #expect(
            warnings.last == "f: 2 more quoted values contain settings that are not read: "
                + "NOVA_FED_PEERS, NOVA_NODE_ID"
        )
    }

    /// Files, and the value of NOVA_VERSION that python-dotenv 1.2.2 reads from them.
    @Test(
        arguments: [
            ("X=\"a\\\\\"\nNOVA_VERSION=1", "1"),
            ("X=\"a\\\\\"\nNOVA_VERSION=1\nY=\"b\"", nil),
            ("X=\"a\\\"\nNOVA_VERSION=1", "1"),
            ("X=\"a\\\"\nNOVA_VERSION=1\nY=\\\"\n", nil),
            ("X=\"a\\\"\nY=\\\"b\nNOVA_VERSION=1", "1"),
            ("X='a\\\\'\nNOVA_VERSION=1", "1"), ("X='a\\\\'\nNOVA_VERSION='1'", nil),
            ("X=\"a\nNOVA_VERSION=1\nY=\"b\"\nNOVA_VERSION=2", "2"),
            ("NOVA_VERSION=\"a\\\\\"", "a\\"), ("NOVA_VERSION=\"a\\\"", "a\\"),
            ("NOVA_VERSION='a\\\\\\'b'", "a\\'b"),
        ] as [(String, String?)]
    )
    func `an escaped quote closes a value if no other quote does`(
        text: String,
        value: String?
    ) {
        let (entries, faults) = Self.read(text)
        #expect(faults.isEmpty)
        #expect(entries["NOVA_VERSION"] == value)
    }

    @Test func `an open quote in our value ends with its line, so later faults are reported`() {
        let text = "NOVA_VERSION=\"1\nNOVA_FED_DRAIN_SEC='2\nA=\"3\"\nNOVA_FED_DRAIN_SEC=4\n"
        let (entries, faults) = Self.read(text)
        #expect(entries["NOVA_FED_DRAIN_SEC"] == "4")
        #expect(
            faults.map { String($0.prefix(22)) } == [
                "f:1: NOVA_VERSION: has", "f:2: NOVA_FED_DRAIN_SE",
            ]
        )
    }

    @Test(
        arguments: [
            (#""say \"hello\"""#, #"say "hello""#), (#"'it\'s'"#, "it's"), (#""a\\b""#, #"a\b"#),
            (#""a\nb""#, #"a\nb"#), ("`x`", "`x`"), (##""v"#c"##, "v"), ("$HOME", "$HOME"),
        ]
    )
    func `our quoted values may escape quotes and backslashes, and nothing is expanded`(
        written: String,
        value: String
    ) {
        for line in ["NOVA_VERSION=", "export NOVA_VERSION = ", "'NOVA_VERSION'="] {
            let (entries, faults) = Self.read(line + written)
            #expect(faults.isEmpty)
            #expect(entries["NOVA_VERSION"] == value)
        }
    }

    @Test
    func `no fault and no warning contains a value, which may be a secret`() {
        let text =
            "export T=hunter2\nhunter2 x\nNOVA_VERSION='hunter2\nNOVA_FED_DRAIN_SEC=\"hunter2\" h"
            + "unter2\nNOVA_NODE_ID=1\nNOVA_NODE_ID=hunter2"
        let file = EnvironmentFile(parsing: Array(text.utf8), path: "f")
        #expect(file.faults.count == 3 && file.warnings.count == 1)
        #expect(!"\(file.faults.lines) \(file.warnings)".contains("hunter2"))
    }

    @Test func `a hostile file is scanned quickly`() {
        let texts = ["A=\"\\", "'", "A='\n", "A=\"\n", "A=\"\\\"", "export ", "#", "\u{A0}", "A"]
        let started = ContinuousClock.now
        for text in texts {
            let count = EnvironmentFile.maximumBytes / text.utf8.count
            #expect(Self.read(String(repeating: text, count: count)).faults.isEmpty)
        }
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test
    func `a missing file, a directory and a file that is too large are faults`() throws {
        let scratch = try TemporaryDirectory()
        let largest = EnvironmentFile.maximumBytes
        let whole = try scratch.write([UInt8](repeating: 0x0A, count: largest), to: "whole")
        let large = try scratch.write([UInt8](repeating: 0x0A, count: largest + 1), to: "large")
        #expect(SettingsTests.faults([:], file: whole).isEmpty)
        let reasons = [
            large: "is larger than 1048576 bytes",
            scratch.path: "is a directory; allowed: a regular file",
            scratch.path + "/none": "cannot be read: No such file or directory",
            "/dev/zero": "is a device; allowed: a regular file",
        ]
        for (path, reason) in reasons {
            let faults = SettingsTests.faults([:], file: path)
            #expect(faults == ["\(path): --config='\(path)': \(reason)"])
        }
    }

    @Test
    func `of 1,000 invalid lines, twenty are reported and the rest is counted`() throws {
        let scratch = try TemporaryDirectory()
        let junk = "NOVA_VERSION=1\n" + String(repeating: "NOVA_VERSION=2\n", count: 1_000)
        let file = try scratch.write(junk + "NOVA_FED_MAX_BODY=1\n", to: "nova.env")
        let faults = SettingsTests.faults([:], file: file)
        #expect(faults.count == SettingFaults.maximumPerKey + 2)
        #expect(faults.contains("\(file):1002: NOVA_FED_MAX_BODY='1': allowed: 1024 to 1048576"))
        #expect(faults.last == "NOVA_VERSION: and 980 more faults")
    }
}
