import Foundation
import TestSupport
import Testing

/// The README stays short, and links between pages lead somewhere.
@Suite struct PageTests {
    @Test func `the README has at most 120 lines and 900 words`() throws {
        let text = try SourceTree.file("README.md").text
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 121)
        #expect(text.split(whereSeparator: \.isWhitespace).count <= 900)
    }

    @Test func `every link between the project's pages leads to a file and a heading`() throws {
        let pages = SourceTree.all.filter { $0.path.hasSuffix(".md") }
        #expect(pages.count > 10)
        for page in pages { #expect(try Self.brokenLinks(page) == [], "\(page.path)") }
    }

    @Test(arguments: [
        ("[a](README.md)", []), ("[a](#one-two)\n## One, `two`!\n", []),
        ("[a](absent.md)", ["absent.md"]), ("[a](#three)\n## One\n", ["#three"]),
        ("[a](README.md#no-such-heading)", ["README.md#no-such-heading"]),
        ("[a](https://example.com/b)", []), ("`[a](b)`", []),
    ])
    func `a broken link is found`(text: String, broken: [String]) throws {
        #expect(try Self.brokenLinks(SourceFile(path: "page.md", text: text)) == broken)
    }

    /// The targets of links in a page that name no file or folder, or no heading of a page.
    static func brokenLinks(_ page: SourceFile) throws -> [String] {
        let prose = page.text.replacing(/`[^`\n]*`/) { $0.output.contains("](") ? "" : $0.output }
        return try prose.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
            .filter { !$0.contains("://") }
            .filter { target in
                let parts = target.split(separator: "#", omittingEmptySubsequences: false)
                let folder = URL(fileURLWithPath: "/" + page.path).deletingLastPathComponent().path
                let path = parts[0].isEmpty ? "/" + page.path : "\(folder)/\(parts[0])"
                let file = URL(fileURLWithPath: path).standardized.path
                guard parts.count == 2 else {
                    return !FileManager.default.fileExists(atPath: packageRoot + file)
                }
                let text =
                    parts[0].isEmpty
                    ? page.text : try String(contentsOfFile: packageRoot + file, encoding: .utf8)
                return !headings(text).contains(String(parts[1]))
            }
    }

    /// The anchors of a page's headings, as GitHub makes them.
    private static func headings(_ text: String) -> [String] {
        text.matches(of: /(?m)^#+ (.+)$/)
            .map { match in
                match.output.1.lowercased().replacing(" ", with: "-")
                    .filter { $0.isLetter || $0.isNumber || "-_".contains($0) }
            }
    }
}
