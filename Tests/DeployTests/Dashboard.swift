import Foundation
import TestSupport

/// deploy/grafana/nova-federation.json: the parts in which Grafana does not report errors.
struct Dashboard: Decodable {
    let uid: String
    let title: String
    let schemaVersion: Int
    let templating: Templating
    let panels: [Panel]

    /// The variables at the top of the dashboard.
    struct Templating: Decodable {
        let list: [Variable]
    }

    /// A variable.
    struct Variable: Decodable {
        let name: String
        let type: String
        /// The `label_values` query of a variable that has one.
        let definition: String?
    }

    /// A panel, or the heading of a row.
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

    /// The data source of a panel.
    struct Source: Decodable {
        let type: String
        let uid: String
    }

    /// The position of a panel on a grid of 24 columns.
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

    /// The formats of a panel's values.
    struct Fields: Decodable {
        let defaults: Defaults

        /// The format of values without an override.
        struct Defaults: Decodable {
            let unit: String
        }
    }

    /// A step between the data and a table.
    struct Transformation: Decodable {
        let id: String
        let options: Options

        /// The columns, by their names in the data.
        struct Options: Decodable {
            let renameByName: [String: String]?
        }
    }

    static func shipped() throws -> Dashboard {
        let file = URL(fileURLWithPath: deployed("grafana/nova-federation.json"))
        return try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
    }

    /// The panels without row headings.
    var shown: [Panel] { panels.filter { $0.type != "row" } }
}

extension Dashboard {
    /// The values that replace `$name`.
    struct Choices {
        /// The two durations: long enough for a scrape every second.
        private var values = ["window": "20s", "__rate_interval": "10s"]

        func applied(to expression: String) -> String {
            expression.replacing(/\$(\w+)/) { match in
                values[String(match.output.1)] ?? String(match.output.0)
            }
        }

        /// Selects "All" of these values.
        ///
        /// Grafana joins them, each escaped twice: for the regular expression and for the string
        /// around it.
        mutating func chooseAll(_ found: [String], for name: String) {
            let escaped = found.map { value in
                value.replacing(/[\\$^*{}\[\]+?.()|]/) { #"\\"# + $0.output }
            }
            values[name] = "(\(escaped.joined(separator: "|")))"
        }
    }
}
