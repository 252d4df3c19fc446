import Foundation
import TestSupport
import Testing

/// Runs the commands of docs/getting-started.md on five machines with systemd.
struct GettingStartedTests {
    @Test
    func `the page sets up a federation with load balancing, scraping and alerts`()
        async throws
    {
        let page = try Walkthrough("getting-started.md")
        #expect(page.addresses.map(\.name) == ["n1", "n2", "n3", "balancer", "watch"])
        #expect(page.steps.count == 7)
        let network = try await DebianNetwork()
        var machines: [String: Debian] = [:]
        do {
            for (name, address) in page.addresses {
                let machine = try await Debian.boot(as: (name, network))
                machines[name] = machine
                try await machine.take(address: address)
                try await Self.prepare(machine)
            }
            for (number, step) in zip(1..., page.steps) {
                for name in step.machines {
                    let machine = try #require(machines[name], "\(step.title) names \(name)")
                    let output = try await Self.go(step, on: machine)
                    try await Self.check(number, name, output, machines)
                }
            }
            try await Self.powerOff(machines)
        } catch {
            try? await Self.powerOff(machines)  // The first error is the one to report.
            throw error
        }
    }

    /// Provides what the page requires: the package, its examples, and curl.
    private static func prepare(_ machine: Debian) async throws {
        try await machine.output(
            """
            echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes
            cp /nova-federation.deb "/$(dpkg-deb --show --showformat \
                '${Package}_${Version}_${Architecture}.deb' /nova-federation.deb)"
            dpkg-deb --extract /nova-federation.deb /tmp/package
            cp --recursive /tmp/package/usr/share/doc/nova-federation/deploy /
            apt-get install curl
            """
        )
    }

    /// Performs a step, and returns the output of its commands.
    private static func go(_ step: Walkthrough.Step, on machine: Debian) async throws -> String {
        var output = ""
        for deed in step.deeds {
            switch deed {
            case .run(let commands):
                output += try await machine.output("set -e\n\(commands)", within: .seconds(180))
            case .set(let settings): try await machine.set(settings)
            }
        }
        return output
    }

    private static func powerOff(_ machines: [String: Debian]) async throws {
        for machine in machines.values { try await machine.powerOff() }
    }

    /// Checks the results that the page describes for a step.
    private static func check(
        _ step: Int,
        _ name: String,
        _ output: String,
        _ machines: [String: Debian]
    ) async throws {
        let machine = try #require(machines[name])
        switch (step, name) {
        case (2, _):
            #expect(try await machine.property("ActiveState") == "active")
        case (3, _):
            await eventually("the status of the unit shows the live peers", within: .seconds(90)) {
                (try? await machine.property("StatusText"))?.hasPrefix("2 of 3 peers live") == true
            }
            #expect(output.components(separatedBy: " up ").count == 4)
            let answer = try await machine.output("get /federation/health")
            let health = try object(String(answer[#require(answer.firstIndex(of: "{"))...]))
            #expect(health["ready"] as? Bool == true)
            // Shortly after startup the nodes do not agree exactly.
            #expect(try #require(health["novelty"] as? Double) < 0.05)
        case (4, _):
            #expect(output.contains("\"peer_gstars\""))
        case (5, _):
            #expect(output.contains("SUCCESS"))
            try await eventually("three targets are up", within: .seconds(90)) {
                try await query("up", on: machine).filter { $0.hasSuffix(" 1") }.count == 3
            }
        case (6, _): try await checkNotice(machines)
        case (7, _):
            // The command returns before the reload is done.
            await eventually("the fourth node is known", within: .seconds(10)) {
                (try? await machine.output("get /federation/sd"))?
                    .contains("10.0.0.14:8100") == true
            }
        default: break
        }
    }

    /// Checks that the others notice the end of n3, which the step has already started again.
    private static func checkNotice(_ machines: [String: Debian]) async throws {
        let (n3, watch) = (try #require(machines["n3"]), try #require(machines["watch"]))
        try await n3.output("systemctl kill --kill-whom=main --signal=KILL nova-federation")
        try await n3.output("systemctl stop nova-federation")
        let balancer = try #require(machines["balancer"])
        let through = try await balancer.output(
            "for i in $(seq 20); do curl --silent --fail http://10.0.0.10:8100/ready; done"
        )
        #expect(through.components(separatedBy: "{\"ready\":true}").count == 21)
        let n1 = try #require(machines["n1"])
        await eventually("n1 shows n3 as down", within: .seconds(60)) {
            let health = (try? await n1.output("get /federation/health")) ?? ""
            return health.contains("\"state\":\"down\"") && health.contains("connect_refused")
        }
        try await eventually("the alert fires", within: .seconds(240)) {
            try await query("ALERTS{alertname='NovaFederationNodeDown'}", on: watch)
                .contains { $0.contains("10.0.0.13:8100") && $0.contains("firing") }
        }
        await eventually("the alert has reached the Alertmanager", within: .seconds(60)) {
            let alerts = "curl --silent --fail http://10.0.0.20:9093/api/v2/alerts"
            return (try? await watch.output(alerts))?.contains("NovaFederationNodeDown") == true
        }
        try await n3.output("systemctl start nova-federation")
        try await eventually("the alert ends", within: .seconds(60)) {
            try await query("ALERTS{alertname='NovaFederationNodeDown'}", on: watch).isEmpty
        }
    }

    /// The series of a query, each as a line of labels and value; none while Prometheus starts.
    private static func query(_ text: String, on watch: Debian) async throws -> [String] {
        let answer = try await watch.shell(
            """
            curl --silent --fail --get --data-urlencode "query=\(text)" \
                http://10.0.0.20:9090/api/v1/query
            """
        )
        guard answer.ending == .exit(0) else { return [] }
        let data = try object(answer.output)["data"] as? [String: Any]
        return (data?["result"] as? [[String: Any]] ?? [])
            .map { sample in
                let labels = sample["metric"] as? [String: String] ?? [:]
                let value = (sample["value"] as? [Any])?.last as? String ?? ""
                return labels.sorted(by: <).map { "\($0)=\($1)" }.joined(separator: " ")
                    + " \(value)"
            }
    }

    private static func object(_ json: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }
}
