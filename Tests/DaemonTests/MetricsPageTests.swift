import Federation
import Foundation
import TestSupport
import Testing

@testable import Exposition
@testable import Host
@testable import Pages
@testable import Settings

/// The text at /metrics, as a function of a status.
struct MetricsPageTests {
    static let openMetrics = "application/openmetrics-text; version=1.0.0"

    /// The page with example counts of a listener.
    private static func render(_ status: NodeStatus, accept: String? = nil) -> [UInt8] {
        var listener = Scrape.Listener()
        listener.requests = [
            (["code": "200", "path": "/federation/sync/summary"], 2),
            (["code": "404", "path": "other"], 5),
        ]
        listener.refusals = ["backlog", "busy"].map { (["reason": $0], 0) }
        let causes = [
            "address_limit", "evicted", "incomplete", "not_http", "not_tls", "stalled", "unused",
        ]
        listener.closed = causes.map { (["cause": $0], 0) }
        let refused = [
            "name_not_allowed", "no_credentials", "untrusted_certificate", "wrong_token",
        ]
        listener.refused = refused.map { (["cause": $0], 0) }
        let process = ProcessFacts(startedWall: PageSpecimen.epoch)
        var events = Scrape.Events()
        (events.counts, events.dropped) = ([.peerDown: 3, .start: 1], 2)
        (events.isSaved, events.savedAt) = (true, 1_800_000_000)
        let scrape = Scrape(
            status,
            process: process,
            listener: listener,
            events: events,
            certificates: [
                (["role": "client_ca", "peer": ""], 1_830_000_000),
                (["role": "listener", "peer": ""], 1_802_592_000),
                (["role": "peer", "peer": "alpha"], 1_803_000_000),
                (["role": "peer_ca", "peer": ""], 1_820_000_000),
            ]
        )
        return MetricsPage.render(scrape, as: TextFormat(accept: accept))
    }

    /// The page without what varies between runs: the metrics of the process and the version.
    static func page(
        _ status: NodeStatus,
        hasAliases: Bool = false,
        accept: String? = nil
    ) -> String {
        var status = status
        status.settings.hasMetricAliases = hasAliases
        let body = render(status, accept: accept)
        return String(decoding: body, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("process_") }
            .joined(separator: "\n").replacing(ProductVersion.current, with: "VERSION")
    }

    /// The series of one name, without the name: `{peer="a"} 1`.
    static func series(_ name: String, in text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("\(name){") || $0.hasPrefix("\(name) ") }
            .map { $0.dropFirst(name.count).trimmingCharacters(in: .whitespaces) }
    }

    @Test
    func `the plain text equals its fixture`() throws {
        try expectFixture("metrics.txt", Self.page(PageSpecimen().status()))
    }

    @Test
    func `the OpenMetrics text equals its fixture`() throws {
        let text = try Self.page(PageSpecimen().status(), accept: Self.openMetrics)
        try expectFixture("metrics.openmetrics.txt", text)
    }

    @Test(arguments: [nil, openMetrics])
    func `the aliases add ten families and change nothing else`(accept: String?) throws {
        let status = try PageSpecimen().status()
        let without = Self.page(status, accept: accept).split(separator: "\n")
        let with = Self.page(status, hasAliases: true, accept: accept).split(separator: "\n")
        let added = with.filter { !without.contains($0) }
        #expect(without.allSatisfy(with.contains))
        #expect(with.count == without.count + added.count)
        #expect(added.count { $0.hasPrefix("# TYPE ") } == 10)
        let aliases = [
            ("federation_sync_latency_histogram_sum", "nova_federation_sync_latency_seconds_sum"),
            ("federation_peer_last_seen_gauge", "nova_federation_peer_last_seen_timestamp"),
            ("federation_sync_errors_counter", "nova_federation_sync_errors_total"),
            ("peer_quality", "nova_federation_peer_quality"),
            ("peer_p95", "nova_federation_peer_last_p95_seconds"),
            ("peer_success", "nova_federation_peer_success_rate"),
            ("nova_wisdom_peer_count", "nova_wisdom_peers"),
            ("nova_slot07_jobs_current", "nova_federation_slot07_jobs"),
            ("nova_slot07_jobs_reason", "nova_federation_slot07_reason"),
        ]
        let text = with.joined(separator: "\n")
        for (alias, original) in aliases {
            let values = Self.series(original, in: text)
            #expect(!values.isEmpty && Self.series(alias, in: text) == values, "\(alias)")
        }
    }

    @Test
    func `the alias for Nova's heartbeat is the time of the last tick in whole seconds`() throws {
        let name = "nova_wisdom_poller_heartbeat_unix"
        let ticked = try PageSpecimen.with { $0.local.tickedWall = 1_800_000_095.9 }
        #expect(Self.series(name, in: Self.page(ticked, hasAliases: true)) == ["1800000095"])
        #expect(Self.series(name, in: Self.page(ticked)).isEmpty)
        let off = try PageSpecimen.with { $0.local = LocalState() }
        #expect(Self.series(name, in: Self.page(off, hasAliases: true)).isEmpty)
    }

    @Test
    func `unknown values are absent, and counters start at 0`() throws {
        let text = Self.page(
            try PageSpecimen.with { specimen in
                specimen.pulls = []
                specimen.local = LocalState()
                specimen.environment["NOVA_FED_PEERS"] = "a=http://10.0.0.1"
            }
        )
        let absent = [
            "nova_federation_peer_last_seen_timestamp", "nova_federation_peer_last_p95_seconds",
            "nova_federation_peer_up", "nova_federation_peer_info",
            "nova_federation_peer_ts_age_seconds", "nova_federation_last_result_timestamp",
            "nova_federation_pull_failures_total", "nova_wisdom_generativity",
            "nova_wisdom_generativity_components", "nova_wisdom_gamma",
            "nova_wisdom_stability_margin", "nova_wisdom_hopf_distance",
            "nova_wisdom_spectral_radius", "nova_wisdom_eta_current",
            "nova_wisdom_eta_bias_from_generativity", "nova_federation_tri_eta_cap",
            "nova_federation_slot07_jobs", "nova_federation_slot07_reason",
            "nova_wisdom_governor_frozen",
            "nova_federation_source_age_seconds",
        ]
        for name in absent { #expect(!text.contains(name), "\(name)") }
        let present = [
            "nova_federation_peer_quality": [#"{peer="a"} 0"#],
            "nova_federation_peer_success_rate": [#"{peer="a"} 0"#],
            "nova_federation_peer_samples": [#"{peer="a"} 0"#],
            "nova_federation_peer_live": [#"{peer="a"} 0"#],
            "nova_federation_draining": ["0"],
            "nova_federation_peer_identity": [#"{peer="a",state="unknown"} 1"#],
            "nova_federation_sync_errors_total": [
                #"{error_type="http_error",peer="a"} 0"#,
                #"{error_type="unexpected_error",peer="a"} 0"#,
                #"{error_type="validation_error",peer="a"} 0"#,
            ],
            "nova_federation_pull_result_total": [
                #"{status="error"} 0"#, #"{status="success"} 0"#,
            ],
            "nova_federation_sync_latency_seconds_count": ["0"],
            "nova_federation_missed_pulls_total": ["0"],
            "nova_federation_ready": ["0"], "nova_federation_peers": ["1"],
            "nova_wisdom_peers": ["0"], "nova_wisdom_novelty": ["0"],
        ]
        for (name, series) in present { #expect(Self.series(name, in: text) == series) }
    }

    @Test
    func `this node has no peer_up series, a clone is up, and neither counts as live`() throws {
        let text = Self.page(try PageSpecimen().status())
        let up = Self.series("nova_federation_peer_up", in: text)
        #expect(up.contains(#"{peer="clone"} 1"#) && up.contains(#"{peer="alpha"} 1"#))
        #expect(up.contains(#"{peer="10.0.0.2:8100/nova"} 0"#))
        #expect(!up.contains { $0.contains("self") || $0.contains("new") })
        // Alpha, the twins as one peer, the wanderer and the hostile peer.
        #expect(Self.series("nova_wisdom_peers", in: text) == ["4"])
    }

    @Test
    func `a peer stays live after a failed pull until its last good pull is too old`() throws {
        func live(at seconds: Double) throws -> [String] {
            let status = try PageSpecimen.with { specimen in
                specimen.pulls.append(PageSpecimen.failed("alpha", 97, Failure(.timedOut)))
                specimen.seconds = seconds
            }
            return Self.series("nova_federation_peer_live", in: Self.page(status))
        }
        #expect(try live(at: 180).contains(#"{peer="alpha"} 1"#))
        #expect(try live(at: 180.5).contains(#"{peer="alpha"} 0"#))
        let all = try live(at: 100)
        #expect(all.contains(#"{peer="clone"} 0"#) && all.contains(#"{peer="new"} 0"#))
        #expect(all.count == 8 && !all.contains { $0.contains("self") })
    }

    @Test
    func `the gauges of a frozen governor and a draining node are 1`() throws {
        let text = Self.page(
            try PageSpecimen.with { specimen in
                specimen.local.wisdom?.isFrozen = true
                specimen.isDraining = true
            }
        )
        #expect(Self.series("nova_wisdom_governor_frozen", in: text) == ["1"])
        #expect(Self.series("nova_federation_draining", in: text) == ["1"])
    }

    @Test
    func `a peer that changes its id is shown as changing, in one series`() throws {
        let text = Self.page(try PageSpecimen().status())
        let info = Self.series("nova_federation_peer_info", in: text)
            .filter { $0.contains(#"peer="wanderer""#) }
        #expect(
            info == [#"{peer="wanderer",node_id="(changing)",version="(changing)"} 1"#]
        )
    }

    @Test(arguments: [nil, openMetrics])
    func `the node id and version of a peer are escaped in its labels`(accept: String?) throws {
        let status = try PageSpecimen().status()
        let plain = try PageSpecimen.with { specimen in
            specimen.pulls = specimen.pulls.filter { $0.peer != "hostile" }
            specimen.pulls.append(PageSpecimen.good("hostile", 96, "tame", gStar: 1))
        }
        let escaped = #"a\"b\\c\nd} 1\n# EOF"# + "\u{202E}é"
        let text = Self.page(status, accept: accept)
        #expect(text.contains(#"{peer="hostile",node_id="\#(escaped)",version="\#(escaped)"}"#))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
        let tame = Self.page(plain, accept: accept)
        #expect(lines == tame.split(separator: "\n", omittingEmptySubsequences: false).count)
    }

    @Test
    func `the help of six metrics ends with Nova's name for them`() throws {
        let text = Self.page(try PageSpecimen().status())
        let names = [
            "nova_federation_sync_latency_seconds": "federation_sync_latency_histogram",
            "nova_federation_peer_last_seen_timestamp": "federation_peer_last_seen_gauge",
            "nova_federation_sync_errors_total": "federation_sync_errors_counter",
            "nova_federation_peer_quality": "peer_quality",
            "nova_federation_peer_last_p95_seconds": "peer_p95",
            "nova_federation_peer_success_rate": "peer_success",
        ]
        for (name, novaName) in names {
            let help = text.split(separator: "\n").first { $0.hasPrefix("# HELP \(name) ") }
            #expect(help?.hasSuffix("(\(novaName))") == true, "\(name)")
        }
    }

    @Test
    func `families are sorted by name and their series by labels, without duplicates`() throws {
        let text = Self.page(try PageSpecimen().status())
        let names = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .map { $0.split(separator: " ")[2] }
        #expect(names.count > 25 && names == names.sorted())
        for name in names {
            let series = Self.series(String(name), in: text)
            #expect(series == series.sorted(), "\(name)")
            let labels = series.map { $0.prefix(upTo: $0.lastIndex(of: " ") ?? $0.startIndex) }
            #expect(Set(labels).count == labels.count, "\(name)")
        }
    }

    @Test
    func `the gauges of the source show whether it works and the age of its numbers`() throws {
        func shown(_ change: (inout PageSpecimen) -> Void) throws -> [[String]] {
            let text = Self.page(try PageSpecimen.with(change))
            return ["ok", "age_seconds"]
                .map { Self.series("nova_federation_source_\($0)", in: text) }
        }
        #expect(try shown { _ in } == [["1"], ["5"]])
        #expect(try shown { $0.local.problem = "file:/x cannot be read" } == [["0"], ["5"]])
        #expect(try shown { $0.local.ts += 3600 } == [["1"], ["0"]])
        #expect(try shown { $0.local = LocalState(problem: "no answer") } == [["0"], []])
        let off = try shown { specimen in
            specimen.environment["FEDERATION_ENABLED"] = "0"
            specimen.local = LocalState()
        }
        #expect(off == [[], []])
    }

    @Test
    func `an infinite Hopf distance is +Inf`() throws {
        let status = try PageSpecimen.with { specimen in
            specimen.local.metrics?.hopfDistance = Summary.infiniteHopfDistance
        }
        #expect(Self.series("nova_wisdom_hopf_distance", in: Self.page(status)) == ["+Inf"])
    }

    @Test
    func `the page has every metric of the contract with its type and labels`() throws {
        let contract = try String(
            contentsOfFile: "\(packageRoot)/contracts/metrics.md",
            encoding: .utf8
        )
        let body = Self.render(try PageSpecimen().status())
        let text = String(decoding: body, as: UTF8.self)
        var rows = 0
        for line in contract.split(separator: "\n") {
            guard let row = line.firstMatch(of: /^\| `(\w+)` \| (\w+) \| ([\w, ]+?) \|/) else {
                continue
            }
            rows += 1
            let (_, name, type, labels) = row.output
            #expect(text.contains("\n# TYPE \(name) \(type)\n"), "\(name)")
            let sample = type == "histogram" ? "\(name)_count" : String(name)
            let wanted = labels == "none" ? [] : labels.split(separator: ", ").map(String.init)
            let series = Self.series(sample, in: text)
            #expect(!series.isEmpty, "\(name)")
            for one in series {
                let found = one.matches(of: /[{,](\w+)="(?:[^"\\]|\\.)*"/)
                    .map { String($0.output.1) }
                #expect(Set(found) == Set(wanted), "\(name)\(one)")
            }
        }
        #expect(rows == text.components(separatedBy: "# TYPE ").count - 1)
    }
}
