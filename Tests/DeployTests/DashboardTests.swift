import Foundation
import TestSupport
import Testing

/// deploy/grafana/nova-federation.json: checks without a data source.
@Suite struct DashboardTests {
    private let dashboard: Dashboard

    init() throws {
        dashboard = try Dashboard.shipped()
    }

    @Test func `Grafana 9 and later accept the dashboard, and each panel has a description`() {
        // The schema of Grafana 9.0. Later versions migrate it; earlier ones refuse later schemas.
        #expect(dashboard.schemaVersion == 36 && dashboard.uid == "nova-federation")
        let kinds = ["stat", "timeseries", "table", "bargauge", "state-timeline"]
        for panel in dashboard.shown {
            #expect(kinds.contains(panel.type), "\(panel.title): \(panel.type)")
            #expect(panel.description?.isEmpty == false, "\(panel.title)")
            #expect(panel.fieldConfig?.defaults.unit.isEmpty == false, "\(panel.title)")
            let targets = panel.targets ?? []
            #expect(!targets.isEmpty && Set(targets.map(\.refId)).count == targets.count)
            for source in targets.map(\.datasource) + [panel.datasource].compactMap(\.self) {
                #expect(source.type == "prometheus" && source.uid == "${DS_PROMETHEUS}")
            }
            for target in targets where panel.type != "table" {
                #expect(!target.legendFormat.isEmpty, "\(panel.title)")
            }
        }
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        #expect(dashboard.shown.count > 30)
    }

    @Test func `no panel overlaps another or leaves the grid`() {
        var taken: [[Int]: String] = [:]
        for panel in dashboard.panels {
            let place = panel.gridPos
            #expect(place.w > 0 && place.h > 0 && place.x >= 0 && place.x + place.w <= 24)
            for x in place.x..<place.x + place.w {
                for y in place.y..<place.y + place.h {
                    let other = taken.updateValue(panel.title, forKey: [x, y])
                    #expect(other == nil, "\(panel.title) overlaps \(other ?? "")")
                }
            }
        }
    }

    @Test func `every metric in the dashboard is in the contract`() throws {
        let contract = try String(
            contentsOfFile: "\(packageRoot)/contracts/metrics.md",
            encoding: .utf8
        )
        let known = Set(
            contract.matches(of: /\n\| `(\w+)` \| (gauge|counter|histogram)/)
                .map { String($0.output.1) }
        )
        let expressions =
            dashboard.shown.flatMap { $0.targets ?? [] }.map(\.expr)
            + dashboard.templating.list.compactMap(\.definition)
        let used = Set(
            expressions.flatMap { $0.matches(of: /\b(?:nova|process)_\w+/) }
                .map { String($0.output).replacing(/_bucket$/, with: "") }
        )
        #expect(used.count > 30)
        #expect(used.subtracting(known) == [])
    }
}
