import Testing

@testable import Daemon

/// The settings file, line by line.
struct SettingsFileTests {
    /// The keys and values of a file, and its faults without their path.
    static func read(_ bytes: [UInt8]) -> (entries: [String: String], faults: [String]) {
        let file = EnvironmentFile(parsing: bytes, path: "f")
        let entries = file.entries.map { ($0.key, $0.value) }
        return (Dictionary(entries) { first, _ in first }, file.faults.map(\.description))
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
    func `a line gives its value`(line: String, value: String?) {
        let (entries, faults) = Self.read(line)
        #expect(entries["K"] == value)
        #expect(faults.isEmpty)
    }

    @Test(
        arguments: [
            ("K", "f:1: is not KEY=VALUE"), ("=v", "a key is A-Z a-z 0-9 _"),
            ("K-L=v", "a key is A-Z a-z 0-9 _"), ("1K=v", "a key is A-Z a-z 0-9 _"),
            ("K L=v", "a key is A-Z a-z 0-9 _"), ("export K=v", "leave 'export' out"),
            (#"K="v"#, "a quote that does not end"), (#"K="v'"#, "a quote that does not end"),
            (#"K="v"w"#, "more behind its closing quote"), ("K='v' w", "more behind"),
            ("K=\0", "NUL"), ("K=v\nK=w", "f:2: K: is set again; see line 1"),
        ]
    )
    func `a line that is none of this is a fault`(text: String, reason: String) {
        let faults = Self.read(text).faults
        #expect(faults.count == 1)
        #expect(faults.first?.contains(reason) == true, "\(faults)")
    }

    @Test
    func `lines count alike with LF and CRLF, and what is not UTF-8 has its line`() {
        for end in ["\n", "\r\n"] {
            let bytes = Array("A=1\(end)\(end)B=".utf8) + [0xFF] + Array("\(end)C=3".utf8)
            let (entries, faults) = Self.read(bytes)
            #expect(entries == ["A": "1", "C": "3"])
            #expect(faults == ["f:3: the line is not UTF-8"])
        }
    }

    @Test
    func `no fault repeats a value, which may be somebody else's secret`() {
        let text =
            "export TOKEN=hunter2\nhunter2\nK='hunter2\nK=\"hunter2\" hunter2\nJ=1\nJ=hunter2"
        let faults = Self.read(text).faults
        #expect(faults.count == 5)
        #expect(!faults.joined().contains("hunter2"))
    }

    @Test
    func `a file that is missing, a directory, or too large is a fault`() throws {
        let scratch = try Scratch()
        let largest = EnvironmentFile.maximumBytes
        let whole = try scratch.write([UInt8](repeating: 0x0A, count: largest), to: "whole")
        let large = try scratch.write([UInt8](repeating: 0x0A, count: largest + 1), to: "large")
        #expect(SettingsTests.faults([:], file: whole).isEmpty)
        let reasons = [
            large: "is larger than 1048576 bytes", scratch.path: "cannot be read: Is a directory",
            scratch.path + "/none": "cannot be read: No such file or directory",
            "/dev/zero": "is no regular file: it is a device",
        ]
        for (path, reason) in reasons {
            let faults = SettingsTests.faults([:], file: path)
            #expect(faults == ["\(path): --config='\(path)': \(reason)"])
        }
    }

    @Test
    func `of a thousand bad lines, twenty are told and the rest is counted`() throws {
        let scratch = try Scratch()
        let junk = String(repeating: "junk\n", count: 1_000)
        let file = try scratch.write(junk + "NOVA_FED_MAX_BODY=1\n", to: "nova.env")
        let faults = SettingsTests.faults([:], file: file)
        #expect(faults.count == SettingFaults.maximumPerKey + 2)
        #expect(faults.contains("\(file):1001: NOVA_FED_MAX_BODY='1': allowed: 1024 to 1048576"))
        #expect(faults.last == "other lines: and 980 more faults")
    }
}
