import Foundation
import TestSupport
import Testing

/// docs/monitoring.md, compared with the shipped files.
@Suite struct MonitoringPageTests {
    static let page = Result {
        try String(contentsOfFile: "\(packageRoot)/docs/monitoring.md", encoding: .utf8)
    }

    private static func blocks() throws -> [String] {
        try page.get().matches(of: /```yaml\n((?s).+?)```/).map { String($0.output.1) }
    }

    /// The pieces of configuration in the page, each to be appended to prometheus.yml.
    static func pieces() throws -> [String] {
        try blocks().filter { $0.hasPrefix("    relabel_configs:") }
    }

    /// The last section of prometheus.yml for nodes with TLS, with a token or a client certificate.
    static func secureSection(hasCertificate: Bool) throws -> String {
        let blocks = try blocks().filter { !$0.hasPrefix("    relabel_configs:") }
        try #require(blocks.count == 2)
        guard hasCertificate else { return blocks[0] }
        let trust = "      ca_file: /etc/prometheus/nova-ca.pem\n"
        let certificate = try edited(text: blocks[0], [(trust, trust + blocks[1])])
        return certificate.split(separator: "\n")
            .filter { !$0.contains(/(authorization|type|credentials_file):/) }
            .joined(separator: "\n") + "\n"
    }

    @Test func `every panel in the page is on the dashboard`() throws {
        let rows = try Self.page.get().split(separator: "\n")
            .filter { $0.hasPrefix("| ") && $0.contains(/\*\*/) }
        let named = rows.flatMap { $0.matches(of: /\*\*(.+?)\*\*/) }.map { String($0.output.1) }
        let titles = try Dashboard.shipped().shown.map(\.title)
        #expect(named.count > 15)
        #expect(Set(named).subtracting(titles) == [])
    }

    @Test func `promtool accepts the shipped configuration with each piece of it`() async throws {
        let shipped = try String(
            contentsOfFile: deployed("prometheus/prometheus.yml"),
            encoding: .utf8
        )
        let pieces = try Self.pieces()
        #expect(pieces.count == 2)
        let directory = try TemporaryDirectory()
        for piece in pieces {
            let finished = try await run(
                try tool(named: "promtool", package: "prometheus"),
                ["check", "config", directory.write(shipped + piece, to: "prometheus.yml")]
            )
            #expect(finished.ending == .exit(0), "\(finished.log)")
        }
    }
}
