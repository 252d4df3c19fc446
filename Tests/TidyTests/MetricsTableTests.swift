import Foundation
import Testing

/// contracts/metrics.md and the code have the same metrics.
@Suite struct MetricsTableTests {
    /// A row of a table: `| name | type | labels | unit | meaning | Nova's word |`.
    struct Row: Hashable {
        let name: String
        let type: String
        let labels: String
        let unit: String
        let meaning: String
    }

    /// The rows of all tables in `text` whose first cell is the name of a metric.
    static func rows(in text: String) -> [Row] {
        text.split(separator: "\n")
            .compactMap { line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count >= 7, let name = cells[1].wholeMatch(of: /`([a-z0-9_]+)`/) else {
                    return nil
                }
                return Row(
                    name: String(name.output.1),
                    type: cells[2],
                    labels: cells[3],
                    unit: cells[4],
                    meaning: cells[5]
                )
            }
    }

    /// The metric names in string literals of `text`.
    static func names(in text: String) -> [String] {
        text.matches(of: /"((?:nova|process)_[a-z0-9_]+)"/).map { String($0.output.1) }
    }

    /// The names in the table of aliases in `text`: `| alias | of |`.
    static func aliases(in text: String) -> [String] {
        let table = text.components(separatedBy: "| alias | of |").dropFirst().first ?? ""
        return table.matches(of: /\n\| `([a-z0-9_]+)` \|/).map { String($0.output.1) }
    }

    private let contract: [Row]
    private let aliases: [String]
    private let exposed: Set<String>

    init() throws {
        let page = try SourceTree.file("contracts/metrics.md").text
        contract = Self.rows(in: page)
        aliases = Self.aliases(in: page)
        let pages = SourceTree.sources.filter { $0.path.hasPrefix("Sources/Pages/") }
        exposed = Set(pages.flatMap { Self.names(in: $0.text) })
    }

    @Test func `every metric in the contract is complete and unique`() {
        #expect(contract.count > 30)
        for row in contract {
            #expect(
                ["gauge", "counter", "histogram"].contains(row.type),
                "\(row.name) has type '\(row.type)'"
            )
            #expect(row.type != "counter" || row.name.hasSuffix("_total"), "\(row.name)")
            #expect(!row.labels.isEmpty && !row.unit.isEmpty && !row.meaning.isEmpty, "\(row.name)")
        }
        #expect(Set(contract.map(\.name)).count == contract.count)
    }

    @Test func `every metric in the code is in the contract`() {
        #expect(exposed.subtracting(contract.map(\.name)).subtracting(aliases) == [])
    }

    @Test func `every metric in the contract is in the code`() {
        #expect(Set(contract.map(\.name)).subtracting(exposed) == [])
    }

    @Test func `the contract and the code have the same aliases`() throws {
        let code = try SourceTree.file("Sources/Pages/MetricAliases.swift").text
        // The first argument of each family.
        let names = code.matches(of: /(?:Gauge|gauge|histogram|Family)\(\s*"([a-z0-9_]+)"/)
            .map { String($0.output.1) }
        #expect(names.count == 10 && names == aliases)
    }

    @Test func `rows and names are parsed`() {
        let table = """
            | name | type | labels | unit | meaning | Nova's word |
            |---|---|---|---|---|---|
            | `nova_a_total` | counter | peer | 1 | What it means. | a |
            """
        let row = Row(
            name: "nova_a_total",
            type: "counter",
            labels: "peer",
            unit: "1",
            meaning: "What it means."
        )
        #expect(Self.rows(in: table) == [row])
        #expect(
            Self.names(in: #"gauge("nova_b", help: "nova_c d", "process_e") // nova_f"#)
                == ["nova_b", "process_e"]
        )
    }
}
