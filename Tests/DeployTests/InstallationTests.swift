import Foundation
import TestSupport
import Testing

/// Install, upgrade, removal and purge of the package in a Debian 12 with systemd.
struct InstallationTests {
    @Test func `an installed package does nothing until it is configured and enabled`()
        async throws
    {
        try await Debian.booted { debian in
            try await debian.install()
            #expect(try await debian.property("UnitFileState") == "disabled")
            #expect(try await debian.property("ActiveState") == "inactive")
            #expect(try await debian.shell("get /health").ending == .exit(1))

            try await debian.set(["FEDERATION_ENABLED": "1"])
            try await debian.output("systemctl enable --now nova-federation")
            #expect(try await debian.property("ActiveState") == "active")
            #expect(try await debian.output("get /ready").contains("\r\n\r\n{\"ready\":true}"))
            #expect(try await debian.output("get /federation/sync/summary").contains("node_id"))
            let wanted = "/etc/systemd/system/multi-user.target.wants/nova-federation.service"
            try await debian.output("test -e \(wanted)")
        }
    }

    @Test func `an upgrade keeps edited settings, and restarts the service only if it runs`()
        async throws
    {
        try await Debian.booted { debian in
            // An older version with fewer settings in its file.
            try await debian.output(
                """
                dpkg-deb --raw-extract /nova-federation.deb /tmp/older
                cd /tmp/older
                sed --in-place 's/^Version: .*/Version: 0.0.1/' DEBIAN/control
                sed --in-place '/NOVA_FED_MAX_BODY/d' etc/nova-federation/nova-federation.env
                dpkg-deb -Znone --build /tmp/older /tmp/older.deb
                apt-get install --yes /tmp/older.deb
                """
            )
            try await debian.set(["FEDERATION_ENABLED": "1", "NOVA_NODE_ID": "edited"])
            try await debian.output("systemctl enable --now nova-federation")
            let before = try await debian.property("MainPID")

            // Both versions of the file have changed: without the option dpkg would ask.
            try await debian.output(
                "apt-get install --yes -o Dpkg::Options::=--force-confold /nova-federation.deb"
            )
            let version = try productVersion()
            #expect(
                try await debian.output("dpkg-query --show nova-federation")
                    == "nova-federation\t\(version)\n"
            )
            #expect(try await debian.property("ActiveState") == "active")
            #expect(try await debian.property("MainPID") != before)
            let settings = "/etc/nova-federation/nova-federation.env"
            let kept = try await debian.output("cat \(settings)")
            #expect(kept.contains("\nNOVA_NODE_ID=edited\n"))
            #expect(!kept.contains("NOVA_FED_MAX_BODY"))
            try await debian.output("grep --quiet NOVA_FED_MAX_BODY \(settings).dpkg-dist")

            // The package's file is unchanged, so dpkg does not ask, and nothing is started.
            try await debian.output(
                """
                systemctl stop nova-federation
                apt-get install --yes --reinstall /nova-federation.deb
                """
            )
            #expect(try await debian.property("ActiveState") == "inactive")
            #expect(try await debian.output("cat \(settings)") == kept)
        }
    }

    @Test func `a removal keeps settings and state, and a purge removes the package's files`()
        async throws
    {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.set(["FEDERATION_ENABLED": "1"])
            try await debian.output(
                """
                echo http://192.0.2.1:8100 >/etc/nova-federation/peers.txt
                systemctl enable --now nova-federation
                """
            )
            let id = try await debian.output("cat /var/lib/nova-federation/node-id")

            try await debian.output("apt-get remove --yes nova-federation")
            #expect(try await debian.shell("get /health").ending == .exit(1))
            try await debian.output("! pidof nova-federation && ! test -e /usr/bin/nova-federation")
            #expect(try await debian.output("cat /var/lib/nova-federation/node-id") == id)
            try await debian.output("test -e /etc/nova-federation/nova-federation.env")

            try await debian.output("apt-get purge --yes nova-federation")
            try await debian.output("! test -e /var/lib/nova-federation")
            #expect(try await debian.output("ls /etc/nova-federation") == "peers.txt\n")
            try await debian.output("! find /etc/systemd -name 'nova-federation*' | grep .")
        }
    }
}
