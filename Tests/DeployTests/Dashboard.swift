import Foundation
import TestSupport

/// deploy/grafana/nova-federation.json, as far as it can be wrong without Grafana noticing.
struct Dashboard: Decodable {
    let uid: String
    let title: String
    let schemaVersion: Int
    let templating: Templating
    let panels: [Panel]

    /// The choices on top of the dashboard.
    struct Templating: Decodable {
        let list: [Variable]
    }

    /// One of these choices.
    struct Variable: Decodable {
        let name: String
        let type: String
        /// What `label_values` is asked, of a variable that is filled by a query.
        let definition: String?
    }

    /// A panel, or the head of a row of them.
    struct Panel: Decodable {
        let id: Int
        let type: String
        let title: String
        let description: String?
        let datasource: Source?
        let gridPos: Place
        let targets: [Target]?
        let fieldConfig: Fields?
        let transformations: [Transformation]?
    }

    /// Where a panel gets its data.
    struct Source: Decodable {
        let type: String
        let uid: String
    }

    /// Where a panel lies on a grid of 24 columns.
    struct Place: Decodable {
        let h: Int
        let w: Int
        let x: Int
        let y: Int
    }

    /// A query of a panel.
    struct Target: Decodable {
        let refId: String
        let expr: String
        let legendFormat: String
        let datasource: Source
        let instant: Bool?
        let format: String?
    }

    /// How the values of a panel are shown.
    struct Fields: Decodable {
        let defaults: Defaults

        /// What holds for every value that has no rule of its own.
        struct Defaults: Decodable {
            let unit: String
        }
    }

    /// A step between the data and a table.
    struct Transformation: Decodable {
        let id: String
        let options: Options

        /// The columns, by the names that the data gives them.
        struct Options: Decodable {
            let renameByName: [String: String]?
        }
    }

    static func shipped() throws -> Dashboard {
        let file = URL(fileURLWithPath: deployed("grafana/nova-federation.json"))
        return try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
    }

    /// The panels that show something.
    var shown: [Panel] { panels.filter { $0.type != "row" } }
}

extension Dashboard {
    /// What Grafana puts in place of `$name`.
    struct Choices {
        /// Of the two spans of time: what is long enough for a scrape every second.
        private var values = ["window": "20s", "__rate_interval": "10s"]

        func applied(to expression: String) -> String {
            expression.replacing(/\$(\w+)/) { match in
                values[String(match.output.1)] ?? String(match.output.0)
            }
        }

        /// Chooses "All" of these: Grafana escapes each twice, for a regular expression and for the
        /// string that this stands in, and joins them.
        mutating func chooseAll(_ found: [String], for name: String) {
            let escaped = found.map { value in
                value.replacing(/[\\$^*{}\[\]+?.()|]/) { #"\\"# + $0.output }
            }
            values[name] = "(\(escaped.joined(separator: "|")))"
        }
    }
}
