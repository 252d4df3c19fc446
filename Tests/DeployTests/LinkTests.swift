import Foundation
import TestSupport
import Testing

/// The links between the pages, as they lie in the repository and as the package installs them.
struct LinkTests {
    /// The pages below a folder, by their paths from there.
    private static func pages(in folder: String) throws -> [String] {
        let parts = ["", "docs", "contracts", "Benchmarks"]
        return try parts.flatMap { part in
            let path = "\(folder)/\(part)"
            guard FileManager.default.fileExists(atPath: path) else { return [String]() }
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".md") }.map { part.isEmpty ? $0 : "\(part)/\($0)" }
        }
    }

    /// Each link of each page that leads nowhere.
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

    /// What the headings of a page are linked by.
    private static func anchors(of page: String) throws -> Set<Substring> {
        // A page that is missing has none, and is told as missing.
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

    @Test func `every link leads somewhere in the repository`() throws {
        let found = try Self.deadLinks(in: packageRoot)
        #expect(found.links > 30)
        #expect(found.dead == [])
    }

    @Test func `every link leads somewhere as the package has the pages`() async throws {
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
