import Foundation
import TestSupport
import Testing

/// The sources have the dependencies in ARCHITECTURE.md, and no cycles.
@Suite struct ModuleTests {
    /// The cells of each row of the table under a heading of ARCHITECTURE.md.
    private static func table(under heading: String) throws -> [[String]] {
        let page = try SourceTree.file("ARCHITECTURE.md").text
        let start = try #require(page.range(of: "\n\(heading)\n"), "no \(heading)")
        let section = page[start.upperBound...]
        let end = section.range(of: "\n##")?.lowerBound ?? section.endIndex
        return section[..<end].split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2)
            .map { row in
                row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            }
    }

    /// The comma-separated names in a cell; a dash means none.
    private static func names(_ cell: String) -> Set<String> {
        Set(cell.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            .subtracting(["-"])
    }

    /// The parts that use themselves, directly or indirectly.
    private static func cycles(in uses: [String: Set<String>]) -> [String] {
        uses.keys.sorted()
            .filter { start in
                var reached: Set<String> = []
                var next = uses[start, default: []]
                while let one = next.popFirst() {
                    if reached.insert(one).inserted { next.formUnion(uses[one, default: []]) }
                }
                return reached.contains(start)
            }
    }

    @Test func `each module imports the modules that ARCHITECTURE.md lists, and no others`() throws
    {
        let modules = Set(SourceTree.sources.map(\.module))
        var imports: [String: Set<String>] = [:]
        for file in SourceTree.sources {
            let imported = file.code.compactMap { $0.firstMatch(of: /^(?:\w+ )?import (\w+)$/) }
            imports[file.module, default: []].formUnion(imported.map { String($0.output.1) })
        }
        let rows = try Self.table(under: "## Modules")
        #expect(Set(rows.map { $0[0] }) == modules)
        for row in rows {
            let found = imports[row[0], default: []].intersection(modules)
            #expect(found == Self.names(row[2]), "\(row[0]) imports \(found.sorted())")
        }
        #expect(Self.cycles(in: imports) == [])
    }

    private static var declaration: Regex<(Substring, Substring)> {
        /^(?:package |final |indirect )*(?:struct|class|enum|actor|protocol) (\w+)/
    }

    @Test func `the folders of a module have no cyclic dependencies`() {
        for module in Set(SourceTree.sources.map(\.module)) {
            let files = SourceTree.sources.filter { $0.module == module }
            var homes: [Substring: String] = [:]
            for file in files {
                for line in file.code {
                    guard let found = line.firstMatch(of: Self.declaration) else { continue }
                    homes[found.output.1] = Self.folder(of: file)
                }
            }
            var uses: [String: Set<String>] = [:]
            for file in files {
                let folder = Self.folder(of: file)
                for line in file.code {
                    for word in line.matches(of: /\b[A-Z]\w+/) {
                        guard let home = homes[word.output], home != folder else { continue }
                        uses[folder, default: []].insert(home)
                    }
                }
            }
            #expect(Self.cycles(in: uses) == [], "\(module): \(uses)")
        }
    }

    /// The folder of a file in its module; empty for a file at the top.
    private static func folder(of file: SourceFile) -> String {
        let parts = file.path.split(separator: "/")
        return parts.count > 3 ? String(parts[2]) : ""
    }

    @Test func `ARCHITECTURE.md lists the files that use unsafe, and no others`() throws {
        let users = SourceTree.sources.filter { file in
            file.code.contains { $0.contains(/\bunsafe\b/) }
        }
        let found = Dictionary(grouping: users, by: \.module)
            .mapValues { Set($0.map { String($0.fileName.dropLast(".swift".count)) }) }
        let listed = try Self.table(under: "### Files that use `unsafe`")
            .reduce(into: [:]) { $0[$1[0]] = Self.names($1[1]) }
        #expect(found == listed)
    }

    @Test func `a cycle is found`() {
        #expect(Self.cycles(in: ["a": ["b"], "b": ["c"], "c": ["b"], "d": ["a"]]) == ["b", "c"])
        #expect(Self.cycles(in: ["a": ["b", "c"], "b": ["c"]]) == [])
    }
}
