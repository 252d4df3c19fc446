import TestSupport
import Testing

/// The source tree follows the rules, and each rule detects a violation.
@Suite struct RuleTests {
    @Test func `the source tree is found`() {
        #expect(SourceTree.sources.contains { $0.path == "Sources/Federation/Peers/Peer.swift" })
        #expect(SourceTree.swift.contains { $0.path == "Tests/TidyTests/RuleTests.swift" })
        #expect(SourceTree.all.contains { $0.path == "Makefile" })
    }

    @Test(arguments: Rule.everywhere)
    func `every Swift file follows it`(rule: Rule) {
        for file in SourceTree.swift {
            #expect(rule.faults(file) == [], "\(file.path): \(rule.sentence)")
        }
    }

    @Test(arguments: Rule.inSources)
    func `every file under Sources follows it`(rule: Rule) {
        for file in SourceTree.sources {
            #expect(rule.faults(file) == [], "\(file.path): \(rule.sentence)")
        }
    }

    @Test func `at most two types under Sources are unchecked Sendable`() {
        let lines = SourceTree.sources.map(\.code).joined()
        let count = lines.count { $0.contains("@unchecked Sendable") }
        #expect(count <= 2)
    }

    @Test func `no file contains a path on a developer's machine`() {
        for file in SourceTree.all {
            #expect(Rule.homePaths.faults(file) == [], "\(file.path)")
        }
    }

    /// A text that breaks a rule, one that follows it, and their path.
    struct Example: Sendable {
        let rule: Rule
        var path = "Sources/Federation/Peer.swift"
        let bad: String
        let good: String
    }

    static let examples = [
        Example(
            rule: .lineLength,
            bad: String(repeating: "ä", count: 101),
            good: "\n" + String(repeating: "ä", count: 100) + "\n"
        ),
        Example(
            rule: .fileLength,
            bad: String(repeating: "\n", count: 201),
            good: String(repeating: "\n", count: 200)
        ),
        Example(
            rule: .fileLength,
            path: "Tests/ATests/ATests.swift",
            bad: String(repeating: "\n", count: 401),
            good: String(repeating: "\n", count: 400)
        ),
        Example(rule: .forbiddenWords, bad: "// TO" + "DO: later", good: "// done"),
        Example(rule: .forbiddenWords, bad: "let a = try" + "! b()", good: "let a = try b()"),
        Example(
            rule: .forbiddenWords,
            bad: "nonisolated" + "(unsafe) var a = 1",
            good: "// never nonisolated" + "(unsafe)"
        ),
        Example(rule: .typeNames, bad: "package final class PeerManager {", good: "struct Peer {"),
        Example(rule: .typeNames, bad: "    private enum BuildInfo {", good: "let buildInfo = 1"),
        Example(rule: .imports, bad: "import Foundation", good: "import func Glibc.exp"),
        Example(rule: .imports, bad: "import Glibc", good: "// import Glibc"),
        Example(rule: .imports, bad: "package import PeerSync", good: "let important = 1"),
        Example(
            rule: .imports,
            path: "Sources/CurlClient/A.swift",
            bad: "internal import Federation",
            good: "package import CCurl"
        ),
        Example(
            rule: .imports,
            path: "Sources/PeerSync/A.swift",
            bad: "@preconcurrency import Daemon",
            good: "package import Federation"
        ),
        Example(
            rule: .imports,
            path: "Sources/Daemon/A.swift",
            bad: "import CCurl",
            good: "import FoundationEssentials\nimport Dispatch"
        ),
        Example(rule: .imports, path: "Sources/Elsewhere/A.swift", bad: "let a = 1", good: ""),
        Example(
            rule: .pointers,
            bad: "let a: UnsafeMutableRawPointer",
            good: "// UnsafePointer"
        ),
        Example(
            rule: .pointers,
            bad: "unsafe Unmanaged.passRetained(a)",
            good: "unsafe withUnsafeBytes(of: a) { $0.count }"
        ),
        Example(
            rule: .pointers,
            path: "Sources/CurlClient/Wake.swift",
            bad: "var a: OpaquePointer",
            good: "var a: Handle"
        ),
        Example(
            rule: .uncheckedSendable,
            bad: "struct A: @unchecked Sendable {}",
            good: "/// From any thread, see eventfd_write(3).\nstruct A: @unchecked Sendable {}"
        ),
        Example(rule: .fileNames, bad: "struct Other {}", good: "package struct Peer: Sendable {"),
        Example(
            rule: .fileNames,
            bad: "    func peer() {}\nfunc peers() {}",
            good: "package func peer(of url: String) {}"
        ),
        Example(
            rule: .fileNames,
            path: "Sources/A/Peer+URL.swift",
            bad: "extension Other {",
            good: "extension Peer {"
        ),
        Example(
            rule: .documentation,
            bad: "// A peer.\nstruct Peer {}",
            good: "/// A peer.\n@frozen\nstruct Peer {}"
        ),
        Example(
            rule: .homePaths,
            path: "README.md",
            bad: "see /ho" + "me/someone/x",
            good: "see /etc/nova-federation, a workhorse/x"
        ),
    ]

    @Test(arguments: examples.indices)
    func `a rule finds the fault in its bad example only`(index: Int) {
        let example = Self.examples[index]
        let bad = SourceFile(path: example.path, text: example.bad)
        let good = SourceFile(path: example.path, text: example.good)
        #expect(!example.rule.faults(bad).isEmpty, "\(example.rule.sentence): \(example.bad)")
        if !example.good.isEmpty {
            #expect(example.rule.faults(good).isEmpty, "\(example.rule.sentence): \(example.good)")
        }
    }

    @Test func `every rule has an example`() {
        let shown = Set(Self.examples.map(\.rule.sentence))
        for rule in Rule.everywhere + Rule.inSources + [.homePaths] {
            #expect(shown.contains(rule.sentence), "\(rule.sentence)")
        }
    }
}

/// The format in .swift-format.
@Suite struct FormatTests {
    private func lint(_ arguments: [String], input: String = "") async throws -> ProcessResult {
        try await run(
            "/usr/bin/env",
            ["swift", "format", "lint", "--strict"] + arguments,
            input: Array(input.utf8),
            within: .seconds(300)
        )
    }

    @Test func `swift format finds no fault`() async throws {
        let folders = ["Package.swift", "Sources", "Tests"].map { "\(packageRoot)/\($0)" }
        let finished = try await lint(
            ["--configuration", "\(packageRoot)/.swift-format", "--parallel", "-r"] + folders
        )
        #expect(finished.log == "")
        #expect(finished.ending == .exit(0))
    }

    @Test func `swift format finds a fault in bad input`() async throws {
        let finished = try await lint(
            ["--configuration", "\(packageRoot)/.swift-format", "-"],
            input: "let a = 1;\n"
        )
        #expect(finished.log.contains("DoNotUseSemicolons"))
        #expect(finished.ending != .exit(0))
    }
}
