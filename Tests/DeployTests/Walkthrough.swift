import Foundation
import TestSupport

/// A page of docs/ with steps and commands for several machines.
///
///     ## 1. Install, on n1, n2 and n3      the machines of a step
///     ```sh                                what to run on each
///     ```env                               what to set in its settings file
struct Walkthrough {
    /// The actions on the machines of one heading.
    struct Step {
        var title: String
        var machines: [String]
        var deeds: [Deed] = []
    }

    enum Deed {
        case run(String)
        case set([(key: String, value: String)])
    }

    /// The machines by name, and their addresses.
    private(set) var addresses: [(name: String, address: String)] = []
    private(set) var steps: [Step] = []

    init(_ page: String) throws {
        let text = try String(contentsOfFile: "\(packageRoot)/docs/\(page)", encoding: .utf8)
        for row in text.matches(of: /\n\| ([^|]+) \| (\d[^|]+) \| [^|]+ \|/) {
            let names = row.output.1.components(separatedBy: ", ")
            let places = row.output.2.components(separatedBy: ", ")
            addresses += zip(names, places).map { ($0, $1) }
        }
        for part in text.components(separatedBy: "\n## ").dropFirst() {
            guard let heading = part.firstMatch(of: /^(\d+\. [^,\n]+), on ([^\n]+)\n/) else {
                continue
            }
            let machines = heading.output.2.replacing(" and ", with: ", ")
                .components(separatedBy: ", ")
            var step = Step(title: String(heading.output.1), machines: machines)
            for block in part.matches(of: /(?s)\n```(sh|env)\n(.*?)\n```/) {
                let lines = block.output.2
                step.deeds.append(
                    block.output.1 == "sh"
                        ? .run(String(lines))
                        : .set(lines.split(separator: "\n").compactMap(Self.assignment))
                )
            }
            steps.append(step)
        }
    }

    private static func assignment(_ line: Substring) -> (key: String, value: String)? {
        line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[$0...].dropFirst())) }
    }
}
