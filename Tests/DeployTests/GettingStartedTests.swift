import Foundation
import TestSupport
import Testing

/// The way of docs/getting-started.md, gone command by command on five machines with systemd.
struct GettingStartedTests {
    @Test
    func `the page leads from a package to a federation that is balanced, scraped and alerted`()
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
                    let said = try await Self.go(step, on: machine)
                    try await Self.check(number, name, said, machines)
                }
            }
            try await Self.powerOff(machines)
        } catch {
            try? await Self.powerOff(machines)  // The first trouble is the one to tell.
            throw error
        }
    }

    /// Puts there what the reader is said to have: the package, its examples, and curl.
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

    /// Does what a step says, and returns what its commands wrote.
    private static func go(_ step: Walkthrough.Step, on machine: Debian) async throws -> String {
        var said = ""
        for deed in step.deeds {
            switch deed {
            case .run(let commands):
                said += try await machine.output("set -e\n\(commands)", within: .seconds(180))
            case .set(let settings): try await machine.set(settings)
            }
        }
        return said
    }

    private static func powerOff(_ machines: [String: Debian]) async throws {
        for machine in machines.values { try await machine.powerOff() }
    }

    /// That a step came to what the page says.
    private static func check(
        _ step: Int,
        _ name: String,
        _ said: String,
        _ machines: [String: Debian]
    ) async throws {
        let machine = try #require(machines[name])
        switch (step, name) {
        case (2, _):
            #expect(try await machine.property("ActiveState") == "active")
        case (3, _):
            await eventually("the unit says who is live", within: .seconds(90)) {
                (try? await machine.property("StatusText"))?.hasPrefix("2 of 3 peers live") == true
            }
            #expect(said.components(separatedBy: " up ").count == 4)
            let answer = try await machine.output("get /federation/health")
            let health = try object(String(answer[#require(answer.firstIndex(of: "{"))...]))
            #expect(health["ready"] as? Bool == true)
            // Just started, they agree only nearly.
            #expect(try #require(health["novelty"] as? Double) < 0.05)
        case (4, _):
            #expect(said.contains("\"peer_gstars\""))
        case (5, _):
            #expect(said.contains("SUCCESS"))
            try await eventually("three targets are up", within: .seconds(90)) {
                try await query("up", on: machine).filter { $0.hasSuffix(" 1") }.count == 3
            }
        case (6, _): try await checkNotice(machines)
        case (7, _):
            // A reload by a signal is done a moment after its command.
            await eventually("the fourth is known", within: .seconds(10)) {
                (try? await machine.output("get /federation/sd"))?
                    .contains("10.0.0.14:8100") == true
            }
        default: break
        }
    }

    /// That the others saw that n3 was gone, which the step has started again meanwhile.
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
        await eventually("n1 calls it down", within: .seconds(60)) {
            let health = (try? await n1.output("get /federation/health")) ?? ""
            return health.contains("\"state\":\"down\"") && health.contains("connect_refused")
        }
        try await eventually("the alert fires", within: .seconds(240)) {
            try await query("ALERTS{alertname='NovaFederationNodeDown'}", on: watch)
                .contains { $0.contains("10.0.0.13:8100") && $0.contains("firing") }
        }
        await eventually("it has reached the Alertmanager", within: .seconds(60)) {
            let alerts = "curl --silent --fail http://10.0.0.20:9093/api/v2/alerts"
            return (try? await watch.output(alerts))?.contains("NovaFederationNodeDown") == true
        }
        try await n3.output("systemctl start nova-federation")
        try await eventually("it ends by itself", within: .seconds(60)) {
            try await query("ALERTS{alertname='NovaFederationNodeDown'}", on: watch).isEmpty
        }
    }

    /// The series of a query, their labels and value in a line each; none while nobody answers.
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
