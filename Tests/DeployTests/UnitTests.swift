import Foundation
import TestSupport
import Testing

/// The systemd unit, alone and with the service running.
struct UnitTests {
    @Test func `systemd rates the exposure of the unit at 1.2 or less`() async throws {
        let rating = try await run(
            tool(named: "systemd-analyze", package: "systemd"),
            [
                "security", "--offline=yes", "--no-pager", "--threshold=12",
                deployed("debian/nova-federation.service"),
            ]
        )
        #expect(rating.ending == .exit(0), "\(rating.log)")
        let words = "Overall exposure level for nova-federation.service: "
        #expect(rating.output.contains(words), "\(rating.output)\(rating.log)")
    }

    @Test func `the stop timeout exceeds the longest drain, and the unit reads one file`() throws {
        let unit = try String(
            contentsOfFile: deployed("debian/nova-federation.service"),
            encoding: .utf8
        )
        let table = try String(
            contentsOfFile: "\(packageRoot)/Sources/Settings/SettingsTable+Serving.swift",
            encoding: .utf8
        )
        let drain = try #require(table.firstMatch(of: /\\\.drain,\s+\.seconds\(0\.\.\.(\d+)\)/))
        let stop = try #require(unit.firstMatch(of: /\nTimeoutStopSec=(\d+)\n/))
        let (longest, limit) = try (#require(Int(drain.output.1)), #require(Int(stop.output.1)))
        #expect(limit > longest)
        let starts = unit.matches(of: /\nExec\w*Start\w*=(.*)\n/).map { String($0.output.1) }
        let file = "/etc/nova-federation/nova-federation.env"
        #expect(starts == ["/usr/bin/nova-federation serve --config \(file)"])
        #expect(!unit.contains("Environment"))
    }

    @Test func `the memory limit is at least three times the use with 100,000 peers`() throws {
        let unit = try String(
            contentsOfFile: deployed("debian/nova-federation.service"),
            encoding: .utf8
        )
        let numbers = try String(
            contentsOfFile: "\(packageRoot)/docs/numbers.md",
            encoding: .utf8
        )
        let memory = try #require(numbers.firstMatch(of: /resident memory, highest *\| *(\d+) MiB/))
        let limit = try #require(unit.firstMatch(of: /\nMemoryMax=(\d+)G\n/))
        let (taken, gigabytes) = try (#require(Int(memory.output.1)), #require(Int(limit.output.1)))
        #expect(gigabytes * 1_024 >= 3 * taken)
    }

    @Test func `the restricted service pulls peers by address, by name and by TLS`()
        async throws
    {
        try await Debian.booted { debian in
            try await debian.install()
            #expect(
                try await debian.shell("systemd-analyze verify --man=no nova-federation.service")
                    .log
                    == ""
            )
            try await debian.output(Self.neighbours)
            try await debian.set([
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_SYNC_INTERVAL": "1", "NOVA_ENABLE_PROMETHEUS": "1",
                "NOVA_FED_PEERS_FILE": "/etc/nova-federation/peers.txt",
                "NOVA_FED_CA_FILE": "/etc/nova-federation/ca.pem",
                "NOVA_FED_LOCAL_SOURCE": "file:/run/nova/local.json",
            ])
            try await debian.output("systemctl start nova-federation")
            var metrics = ""
            for peer in ["127.0.0.2:8200", "named", "tls"] {
                await eventually("peer \(peer) is up", within: .seconds(20)) {
                    metrics = (try? await debian.output("get /metrics")) ?? ""
                    return metrics.contains("nova_federation_peer_up{peer=\"\(peer)\"} 1")
                }
            }
            for gauge in ["process_resident_memory_bytes", "process_open_fds"] {
                let line = metrics.split(separator: "\n").first { $0.hasPrefix(gauge + " ") }
                let value = try Double(#require(line).split(separator: " ")[1])
                #expect(try #require(value) > 0)
            }
            #expect(try await debian.output("get /federation/wisdom").contains("\"g_star\":0.45"))
            let owner = "stat --format '%U %a' /var/lib/nova-federation/node-id"
            #expect(try await debian.output(owner) == "nova-federation 600\n")
            // Dispatch, glibc and libcurl log what is forbidden. If systemd cannot raise limits, it
            // cannot grant LimitNICE, and Dispatch logs that.
            let journal = try await debian.output("journalctl --unit=nova-federation --output=cat")
            let limits = "/proc/\(try await debian.property("MainPID"))/limits"
            let nice = try await debian.output("grep '^Max nice priority' \(limits)")
            let isNiceGranted = nice.split(separator: " ").contains("24")
            let complaints = journal.split(separator: "\n")
                .filter { line in
                    (line.contains("Failed") || line.contains("ermitted"))
                        && (isNiceGranted || !line.contains("thread priority"))
                }
            #expect(complaints.isEmpty, "\(complaints)")

            try await debian.output("systemctl stop nova-federation")
            #expect(try await debian.property("Result") == "success")
            #expect(try await debian.property("ExecMainStatus") == "0")
        }
    }

    @Test func `forbidden operations fail only under the unit`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.output(Self.probes)
            let user = "--reuid nova-federation --regid nova-federation --clear-groups"
            let outside = try await debian.output("setpriv \(user) bash /srv/probes")
            try await debian.output(
                """
                sed --expression 's|^ExecStart=.*|ExecStart=/bin/bash /srv/probes|' \
                    --expression 's/^Type=.*/Type=oneshot/' \
                    --expression '/^WatchdogSec=/d; /^Restart/d' \
                    /lib/systemd/system/nova-federation.service >/run/systemd/system/probes.service
                systemctl daemon-reload
                systemctl start probes
                """
            )
            let inside = try await debian.output(
                "journalctl --unit=probes --output=cat | grep --extended-regexp ' (works|fails)$'"
            )
            let names = outside.split(separator: "\n").map { $0.split(separator: " ")[0] }
            #expect(names.count == 11)
            #expect(outside == names.map { "\($0) works\n" }.joined())
            #expect(inside == names.map { "\($0) fails\n" }.joined())
        }
    }

    @Test func `invalid settings are in the journal and cause no restart`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.set(["NOVA_FED_SYNC_INTERVAL": "soon"])
            #expect(try await debian.shell("systemctl start nova-federation").ending == .exit(1))
            #expect(try await debian.property("ExecMainStatus") == "78")
            #expect(try await debian.property("SubState") == "failed")
            let journal = try await debian.output("journalctl --unit=nova-federation --output=cat")
            #expect(journal.contains("NOVA_FED_SYNC_INTERVAL='soon': allowed: 0.1 to 3600 seconds"))
        }
    }

    @Test func `a wrong command line causes no restart`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.output(
                """
                mkdir /run/systemd/system/nova-federation.service.d
                printf '%s\\n' '[Service]' ExecStart= \\
                    'ExecStart=/usr/bin/nova-federation serve --confg x' \\
                    >/run/systemd/system/nova-federation.service.d/wrong.conf
                systemctl daemon-reload
                """
            )
            #expect(try await debian.shell("systemctl start nova-federation").ending == .exit(1))
            #expect(try await debian.property("ExecMainStatus") == "64")
            #expect(try await debian.property("SubState") == "failed")
            #expect(try await debian.property("NRestarts") == "0")
        }
    }

    @Test func `the unit restarts a service that SIGHUP ended while it was loaded`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.output(
                """
                mkdir /run/systemd/system/nova-federation.service.d
                printf '%s\\n' '[Service]' ExecStart= RestartSec=0 \\
                    'ExecStart=/bin/sh /srv/once' \\
                    >/run/systemd/system/nova-federation.service.d/once.conf
                cat >/srv/once <<'END'
                cd /var/lib/nova-federation
                if [ ! -e loaded ]; then >loaded; kill -HUP $$; fi
                exec nova-federation serve --config /etc/nova-federation/nova-federation.env
                END
                systemctl daemon-reload
                """
            )
            try await debian.set(["FEDERATION_ENABLED": "1"])
            _ = try await debian.shell("systemctl start nova-federation")
            await eventually("it serves", within: .seconds(20)) {
                let answer = try? await debian.shell("get /ready").output
                return answer?.contains("{\"ready\":true}") == true
            }
            #expect(try await debian.property("NRestarts") == "1")
        }
    }

    @Test func `journalctl -p warning shows the warnings, and nothing else of the log`()
        async throws
    {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.set([
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_PEERS": "gone=http://127.0.0.1:9",
            ])
            try await debian.output("systemctl start nova-federation")
            let journal = "journalctl --unit=nova-federation --output=cat"
            await eventually("the peer is reported", within: .seconds(20)) {
                let lines = try? await debian.output("\(journal) --priority=warning")
                return lines?.contains("peer is down") == true
            }
            let warnings = try await debian.output("\(journal) --priority=warning")
            let all = try await debian.output(journal)
            let urgent = all.split(separator: "\n")
                .filter { $0.contains(/^ts=.*\ level=(?:warning|error|critical)\ /) }
            // One more may have been logged in between.
            #expect(urgent.starts(with: warnings.split(separator: "\n")), "\(warnings)\n\(all)")
            #expect(all.contains("level=notice msg=serving"))
            #expect(!all.contains("<4>"))
        }
    }

    @Test func `a killed service restarts with the same node id`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.set(["FEDERATION_ENABLED": "1"])
            try await debian.output("systemctl start nova-federation")
            let id = try await debian.output("cat /var/lib/nova-federation/node-id")
            try await debian.output("systemctl kill --kill-whom=main --signal=KILL nova-federation")
            await eventually("it serves again", within: .seconds(20)) {
                let summary = try? await debian.shell("get /federation/sync/summary").output
                return summary?.contains("\"\(id.dropLast())\"") == true
            }
            #expect(try await debian.property("NRestarts") == "1")
        }
    }

    @Test func `the watchdog kills a hanging process, and it restarts`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.output(
                """
                mkdir /run/systemd/system/nova-federation.service.d
                printf '[Service]\nWatchdogSec=2\nRestartSec=0\n' \
                    >/run/systemd/system/nova-federation.service.d/quick.conf
                systemctl daemon-reload
                """
            )
            try await debian.set(["FEDERATION_ENABLED": "1"])
            try await debian.output("systemctl start nova-federation && sleep 5")
            #expect(try await debian.property("NRestarts") == "0")
            try await debian.output("systemctl kill --kill-whom=main --signal=STOP nova-federation")
            await eventually("it has restarted", within: .seconds(20)) {
                (try? await debian.property("NRestarts")) == "1"
            }
            let journal = try await debian.output("journalctl --unit=nova-federation --output=cat")
            #expect(journal.contains("Watchdog timeout"))
            await eventually("it serves again", within: .seconds(20)) {
                let answer = try? await debian.shell("get /ready").output
                return answer?.contains("{\"ready\":true}") == true
            }
        }
    }

    @Test func `a reload applies a valid file and ignores an invalid one`()
        async throws
    {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.set([
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_PEERS": "first=http://127.0.0.2:8200",
            ])
            try await debian.output("systemctl start nova-federation")
            let process = try await debian.property("MainPID")
            try await debian.set(["NOVA_FED_PEERS": "second=http://127.0.0.3:8200"])
            try await debian.output("systemctl reload nova-federation")
            await eventually("the second peer replaces the first", within: .seconds(20)) {
                let health = (try? await debian.output("get /federation/health")) ?? ""
                return health.contains("\"id\":\"second\"") && !health.contains("\"id\":\"first\"")
            }

            try await debian.set(["NOVA_FED_SYNC_INTERVAL": "soon"])
            try await debian.output("systemctl reload nova-federation")
            await eventually("the fault is logged", within: .seconds(20)) {
                let journal = try? await debian.output("journalctl --unit=nova-federation")
                return journal?.contains("NOVA_FED_SYNC_INTERVAL='soon'") == true
            }
            #expect(try await debian.property("ActiveState") == "active")
            #expect(try await debian.property("MainPID") == process)
        }
    }

    /// Three peers, a certificate, and a local source, each with the fewest rights.
    private static let neighbours = """
        echo 127.0.0.2 peer.test >>/etc/hosts
        systemd-run --quiet --setenv=FEDERATION_ENABLED=1 --setenv=FEDERATION_BIND=127.0.0.2:8200 \
            --setenv=NOVA_NODE_ID=neighbour nova-federation serve

        mkdir --parents /run/nova /srv/tls/federation/sync
        sed 's/"ts":[0-9.]*/"ts":'$(date +%s)'/' >/run/nova/local.json <<'END'
        \(summary)
        END
        sed s/alpha/beta/ /run/nova/local.json >/srv/tls/federation/sync/summary
        cd /srv/tls
        openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 \
            -subj /CN=peer.test -addext subjectAltName=DNS:peer.test
        systemd-run --quiet --working-directory=/srv/tls \
            openssl s_server -accept 127.0.0.2:8443 -key key.pem -cert cert.pem -WWW

        cd /etc/nova-federation
        install --owner=root --group=nova-federation --mode=0640 /srv/tls/cert.pem ca.pem
        install --owner=root --group=nova-federation --mode=0640 /dev/stdin peers.txt <<'END'
        http://127.0.0.2:8200
        named=http://peer.test:8200
        tls=https://peer.test:8443
        END
        """

    private static let summary = """
        {"node_id":"alpha","ts":1.5,"version":"1","metrics":{"peer_quality":0.7,\
        "stability_margin":0.08,"hopf_distance":0.175,"spectral_radius":0.245,"gamma":0.7,\
        "g_components":{"progress":0.0,"novelty":0.0,"consistency":1.0},"g_star":0.45}}
        """

    /// A script of operations, one per line, that an ordinary user may do and the unit forbids.
    ///
    /// File system, /proc, namespaces, personality, two system calls, set-user-id, socket families.
    private static let probes = """
        install --directory --mode=0777 /srv/open
        echo >/home/.file
        echo >/tmp/file
        install --directory --owner=nova-federation /var/lib/nova-federation
        install --owner=nova-federation /dev/null /var/lib/nova-federation/file
        cat >/srv/probes <<'END'
        probe() {
            name=$1
            shift
            if "$@" >/dev/null 2>&1; then echo "$name works"; else echo "$name fails"; fi
        }
        probe write touch /srv/open/file
        probe home cat /home/.file
        probe tmp cat /tmp/file
        probe processes cat /proc/1/comm
        probe kernel cat /proc/sys/kernel/ostype
        probe namespace unshare --user true
        probe personality setarch --addr-no-randomize true
        probe ioprio_set ionice --class idle true
        probe chown chown nova-federation /var/lib/nova-federation/file
        probe setuid chmod u+s /var/lib/nova-federation/file
        # Refused for want of a privilege (EPERM), not because there is no such family.
        probe packet perl -e 'socket($s, 17, 3, 0) or $!{EPERM} or die'
        END
        """
}
