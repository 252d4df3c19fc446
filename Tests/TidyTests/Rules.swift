import Foundation
import Testing

/// A rule for a file.
struct Rule: Sendable, CustomTestStringConvertible {
    /// The rule as a sentence.
    let sentence: String
    /// The faults of a file, each as a phrase with its line; empty if there are none.
    let faults: @Sendable (SourceFile) -> [String]

    var testDescription: String { sentence }

    /// The rules for every Swift file.
    static let everywhere: [Rule] = [lineLength, fileLength, forbiddenWords, typeNames]
    /// The rules for the files under Sources.
    static let inSources: [Rule] = [imports, pointers, uncheckedSendable, fileNames, documentation]
}

extension Rule {
    static let lineLength = Rule(sentence: "no line is longer than 100 characters") { file in
        numbered(file.lines) { $0.count > 100 ? "has \($0.count) characters" : nil }
    }

    static let fileLength = Rule(
        sentence: "a file under Sources has at most 200 lines, one under Tests 400"
    ) { file in
        let limit = file.path.hasPrefix("Tests/") ? 400 : 200
        let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
        return count > limit ? ["has \(count) lines of at most \(limit)"] : []
    }

    static let forbiddenWords = Rule(
        sentence: "no forced try, no unfinished work, no exemption from isolation"
    ) { file in
        // Split, so that this file does not break the rule.
        let words = ["TO" + "DO", "FIX" + "ME"]
        let code = ["try" + "!", "nonisolated" + "(unsafe)"]
        return numbered(file.lines) { line in words.first(where: line.contains).map { "has \($0)" }
        }
            + numbered(file.code) { line in code.first(where: line.contains).map { "has \($0)" } }
    }

    static let typeNames = Rule(
        sentence: "no type is a Manager, Helper, Util, Impl, Base or Info"
    ) { file in
        let endings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Base", "Info"]
        return declaredTypes(file).filter { type in endings.contains(where: type.hasSuffix) }
            .map { "declares \($0)" }
    }

    /// The modules that each module may import, besides the standard library.
    private static let allowedImports: [String: Set<String>] = [
        "JSON": [],
        "Timing": ["Glibc"],
        "Host": [
            "CMalloc", "CProcess", "JSON", "Timing", "FoundationEssentials", "Synchronization",
            "Dispatch", "Glibc",
        ],
        "Federation": ["JSON", "Timing"],
        "Exposition": [],
        "PeerSync": [
            "Federation", "Timing", "HeapModule", "DequeModule", "Synchronization", "Glibc",
        ],
        "CurlClient": [
            "CCurl", "CMalloc", "Timing", "ClientTLS", "DequeModule", "Synchronization", "Dispatch",
            "Glibc",
        ],
        "MicroHTTPServer": [
            "CMicroHTTPD", "JSON", "Timing", "Trust", "Synchronization", "Dispatch", "Glibc",
        ],
        "StateStore": ["CSQLite", "Synchronization", "Glibc"],
        "NodeClient": ["JSON", "Timing", "Federation", "CurlClient", "ClientTLS"],
        "YAMLReader": ["CYAML"],
        "CertificateReader": ["CCrypto"],
        "ClientTLS": ["CCrypto", "Synchronization"],
        "Trust": ["CGnuTLS", "Synchronization"],
        "Settings": [
            "JSON", "Timing", "Host", "Federation", "YAMLReader", "CertificateReader",
            "ClientTLS", "Trust", "CVersion", "Logging", "Glibc",
        ],
        "Pages": ["JSON", "Timing", "Host", "Federation", "Settings", "Exposition", "StateStore"],
        "Demo": [
            "JSON", "Timing", "Host", "Federation", "Settings", "Pages", "CurlClient", "ClientTLS",
            "UnixSignals", "Subprocess", "SystemPackage", "FoundationEssentials", "Glibc",
        ],
        "Daemon": [
            "JSON", "Timing", "Host", "Federation", "Settings", "Exposition", "Pages", "PeerSync",
            "CurlClient", "MicroHTTPServer", "StateStore", "NodeClient", "Demo", "ClientTLS",
            "Trust", "ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals",
            "FoundationEssentials", "Synchronization", "Dispatch", "Glibc",
        ],
    ]
    /// The functions of Glibc that the core may import individually.
    private static let mathematics: Set<String> = [
        "exp", "log", "sqrt", "pow", "sin", "cos", "atan2", "hypot", "expm1", "log1p",
    ]

    static let imports = Rule(sentence: "a module imports only what the rules allow") { file in
        guard let allowed = allowedImports[file.module] else {
            return ["is in \(file.module), for which there is no import rule"]
        }
        return numbered(file.code) { line in
            let words = line.split(separator: " ")
            guard let start = words.firstIndex(of: "import"), let last = words.last,
                words[..<start].allSatisfy({ isImportModifier($0) })
            else { return nil }
            let path = last.split(separator: ".").map(String.init)
            if path.count == 2, path[0] == "Glibc", mathematics.contains(path[1]) { return nil }
            return allowed.contains(path[0]) ? nil : "imports \(last)"
        }
    }

    private static func isImportModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@") || ["package", "public", "internal", "private"].contains(word)
    }

    static let pointers = Rule(
        sentence: "only the files at the C boundary contain pointer types"
    ) { file in
        guard !["Handles", "Callbacks", "LookUp"].contains(mainName(file)) else { return [] }
        return numbered(file.code) { line in
            line.firstMatch(of: /(^|\W)(Unsafe\w*Pointer|OpaquePointer|Unmanaged)($|\W)/)
                .map { "has \($0.output.2)" }
        }
    }

    static let uncheckedSendable = Rule(
        sentence: "an unchecked Sendable cites the manual page that allows it"
    ) { file in
        let code = file.code
        return code.indices.filter { code[$0].contains("@unchecked Sendable") }
            .compactMap { line in
                let near = file.lines[max(0, line - 8)..<min(code.count, line + 4)]
                let isCited = near.contains { $0.contains("//") && $0.contains(/\w\([1-9]\)/) }
                return isCited ? nil : "line \(line + 1) has no comment near it that cites name(3)"
            }
    }

    static let fileNames = Rule(sentence: "a file is named after a declared type or function") {
        file in
        // These contain one side of a boundary, not a type.
        let name = mainName(file)
        guard !["Handles", "Callbacks", "Messages"].contains(name) else { return [] }
        let isFacet = file.fileName.contains("+") && extendedTypes(file).contains(name)
        let isDeclared = file.code.contains { declares(name, $0) }
        return isFacet || isDeclared ? [] : ["declares no \(name)"]
    }

    static let documentation = Rule(
        sentence: "the type or function that a file is named after has a ///"
    ) { file in
        let lines = file.lines
        let name = mainName(file)
        guard let line = lines.firstIndex(where: { declares(name, $0) }) else { return [] }
        var above = line - 1
        while above >= 0, lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
        let isDocumented =
            above >= 0 && lines[above].drop(while: { $0 == " " }).hasPrefix("///")
        return isDocumented ? [] : ["\(name) has no documentation"]
    }
}

extension Rule {
    /// For every text file of the project.
    static let homePaths = Rule(sentence: "no path on a developer's machine") { file in
        numbered(file.lines) { line in
            line.firstMatch(of: /(^|[\s"'`(=:])\/(home|Users|root|work)\/\w/)
                .map {
                    "has \($0.output.0)"
                }
        }
    }
}

/// `Peer` for `Peer.swift` and `Peer+Facet.swift`.
private func mainName(_ file: SourceFile) -> String {
    String(file.fileName.prefix { $0 != "+" && $0 != "." })
}

/// The types that a file declares, at any depth.
private func declaredTypes(_ file: SourceFile) -> [String] {
    file.code.compactMap(declaredType)
}

/// The type that a line declares; nil if it declares none.
private func declaredType(_ line: Substring) -> String? {
    let modifiers = ["package", "public", "private", "fileprivate", "final", "indirect"]
    let words = line.split(separator: " ")
        .drop { $0.hasPrefix("@") || modifiers.contains(String($0)) }
    let keywords = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    guard let keyword = words.first, keywords.contains(String(keyword)) else { return nil }
    return words.dropFirst().first.map { $0.prefix { $0.isLetter || $0.isNumber } }
        .map(String.init)
}

/// Whether a line declares the type `name`, or a top-level function with that name in lower case:
/// `func slotPhase(` for `SlotPhase`.
private func declares(_ name: String, _ line: Substring) -> Bool {
    if declaredType(line) == name { return true }
    let function = line.firstMatch(of: /^(?:(?:package|public|private) )?func (\w+)/)
    return function.map { $0.output.1.prefix(1).uppercased() + $0.output.1.dropFirst() } == name
}

/// The types that a file extends, without their enclosing types.
private func extendedTypes(_ file: SourceFile) -> [String] {
    file.code.compactMap { line in
        line.firstMatch(of: /^ *extension +(?:\w+\.)*(\w+)/).map { String($0.output.1) }
    }
}

/// The faults of the lines, with line numbers.
func numbered(_ lines: [Substring], _ fault: (Substring) -> String?) -> [String] {
    lines.enumerated()
        .compactMap { index, line in
            fault(line).map { "line \(index + 1) \($0)" }
        }
}
