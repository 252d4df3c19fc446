import Foundation
import TestSupport
import Testing

/// The service with a key that only root can read, as in docs/tls.md.
@Suite struct CredentialTests {
    /// The blocks of one kind in a section of the page; `heading` is its start.
    private static func blocks(_ kind: String, under heading: String) throws -> [String] {
        let page = try String(contentsOfFile: "\(packageRoot)/docs/tls.md", encoding: .utf8)
        let section = page.components(separatedBy: "\n## ").first { $0.hasPrefix(heading) }
        return try #require(section, "\(heading)").components(separatedBy: "\n```\(kind)\n")
            .dropFirst().compactMap { $0.components(separatedBy: "\n```").first }
    }

    /// Runs the commands of a section in the folder of the authority.
    private static func runCommands(_ heading: String, on debian: Debian) async throws {
        for commands in try blocks("sh", under: heading) {
            try await debian.output("set -eu\ncd /srv/authority\n\(commands)")
        }
    }

    /// The settings of section 4 in the settings file.
    private static func configure(_ debian: Debian) async throws {
        try await debian.set(["FEDERATION_ENABLED": "1"])
        let settings = try #require(try blocks("env", under: "4.").first)
        try await debian.output(
            """
            cat >>/etc/nova-federation/nova-federation.env <<'END'
            \(settings)
            END
            """
        )
    }

    /// Creates the drop-in, as `systemctl edit` does.
    private static func addDropIn(_ debian: Debian) async throws {
        let dropIn = try #require(try blocks("ini", under: "Keys that only root").first)
        try await debian.output(
            """
            folder=/etc/systemd/system/nova-federation.service.d
            mkdir --parents $folder
            cat >$folder/override.conf <<'END'
            \(dropIn)
            END
            systemctl daemon-reload
            """
        )
    }

    /// The serial number of the certificate that the service presents, after its verification.
    private static func serial(_ debian: Debian) async throws -> String {
        try await debian.output(
            """
            set -o pipefail
            openssl s_client -connect 127.0.0.1:8100 -CAfile /srv/authority/ca.pem \
                -verify_ip 127.0.0.1 -verify_return_error </dev/null 2>/dev/null |
                openssl x509 -noout -serial
            """
        )
    }

    @Test func `a key that only root can read works, and a new key needs a restart`() async throws {
        try await Debian.booted { debian in
            try await debian.install()
            try await debian.output("mkdir /srv/authority")
            for heading in ["1.", "2.", "3."] {
                try await Self.runCommands(heading, on: debian)
            }
            try await Self.configure(debian)
            try await debian.output("systemctl start nova-federation")
            let first = try await Self.serial(debian)
            try await Self.addDropIn(debian)
            try await Self.runCommands("Keys that only root", on: debian)

            let key = "/etc/nova-federation/tls/node.key"
            #expect(try await debian.output("stat --format '%U:%G %a' \(key)") == "root:root 600\n")
            try await debian.output("! runuser --user nova-federation -- cat \(key)")
            let copy = "/run/credentials/nova-federation.service/node.key"
            try await debian.output("cmp \(copy) \(key) && ! runuser --user nobody -- cat \(copy)")
            #expect(try await Self.serial(debian) == first)
            let file = "/etc/nova-federation/nova-federation.env"
            try await debian.output(
                """
                nova-federation check --config \(file)
                nova-federation wait --config \(file) --ready
                systemd-analyze security --no-pager --threshold=12 nova-federation
                """
            )

            let process = try await debian.property("MainPID")
            try await Self.runCommands("7.", on: debian)
            try await eventually("the renewed certificate is used", within: .seconds(20)) {
                try await Self.serial(debian) != first
            }
            #expect(try await debian.property("MainPID") == process)

            let second = try await Self.serial(debian)
            try await debian.output(
                """
                cd /srv/authority
                openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
                    -subj /CN=n1 -keyout n1.key -out n1.csr
                install --mode=0600 n1.key \(key)
                """
            )
            try await Self.runCommands("7.", on: debian)
            try await debian.output("systemctl reload nova-federation")
            try await eventually("the reload fails", within: .seconds(20)) {
                let journal = try await debian.output("journalctl --unit=nova-federation")
                return journal.contains("is not the key of the first certificate")
            }
            try await debian.output("cat \(copy) >/dev/null && ! cmp \(copy) \(key)")
            #expect(try await Self.serial(debian) == second)
            try await debian.output("systemctl restart nova-federation")
            #expect(try await Self.serial(debian) != second)
        }
    }
}
