import Foundation
import TestSupport
import Testing

/// The links between the pages, in the repository and in the installed package.
struct LinkTests {
    /// The pages below a folder, by relative path.
    private static func pages(in folder: String) throws -> [String] {
        let parts = ["", "docs", "contracts", "Benchmarks"]
        return try parts.flatMap { part in
            let path = "\(folder)/\(part)"
            guard FileManager.default.fileExists(atPath: path) else { return [String]() }
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".md") }.map { part.isEmpty ? $0 : "\(part)/\($0)" }
        }
    }

    /// The broken links of all pages.
    private static func deadLinks(in folder: String) throws -> (links: Int, dead: [String]) {
        var links = 0
        var dead: [String] = []
        for page in try pages(in: folder) {
            let text = try String(contentsOfFile: "\(folder)/\(page)", encoding: .utf8)
            for match in text.matches(of: /\]\(([^)]+)\)/) where !match.output.1.contains(":") {
                links += 1
                let parts = match.output.1.split(separator: "#", omittingEmptySubsequences: false)
                let target =
                    parts[0].isEmpty
                    ? "\(folder)/\(page)"
                    : URL(fileURLWithPath: "\(folder)/\(page)").deletingLastPathComponent()
                        .appendingPathComponent(String(parts[0])).standardizedFileURL.path
                let exists = FileManager.default.fileExists(atPath: target)
                let hasAnchor = try parts.count == 1 || anchors(of: target).contains(parts[1])
                if !exists || !hasAnchor { dead.append("\(page): \(match.output.1)") }
            }
        }
        return (links, dead)
    }

    /// The anchors of the headings of a page.
    private static func anchors(of page: String) throws -> Set<Substring> {
        // A missing page has none, and is reported as missing.
        let text = (try? String(contentsOfFile: page, encoding: .utf8)) ?? ""
        return Set(
            text.matches(of: /(?m)^#+ (.+)$/)
                .map { heading in
                    let kept = heading.output.1.lowercased()
                        .filter {
                            $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
                        }
                    return Substring(kept.replacingOccurrences(of: " ", with: "-"))
                }
        )
    }

    @Test func `every link works in the repository`() throws {
        let found = try Self.deadLinks(in: packageRoot)
        #expect(found.links > 30)
        #expect(found.dead == [])
    }

    @Test func `every link works in the installed package`() async throws {
        let directory = try TemporaryDirectory()
        let extracted = try await run(
            tool(named: "dpkg-deb", package: "dpkg"),
            ["--extract", DebianPackage.built().path, directory.path]
        )
        #expect(extracted.ending == .exit(0))
        let found = try Self.deadLinks(in: directory.file("usr/share/doc/nova-federation"))
        #expect(found.links > 30)
        #expect(found.dead == [])
    }
}
