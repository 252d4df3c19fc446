import Foundation
import Glibc
import TestSupport
import Testing

/// A Debian 12 with systemd, booted for one test; its network is loopback, or one of the test.
///
/// It uses .build-deb/root as a read-only base, and its changes are discarded. The package under
/// test is /nova-federation.deb.
struct Debian: Sendable {
    private let leader: Int32
    private let container: ChildProcess

    /// Boots a machine while `body` runs.
    static func booted<Value>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Debian) async throws -> Value
    ) async throws -> Value {
        let debian = try await boot()
        do {
            let value = try await body(debian)
            try await debian.powerOff()
            return value
        } catch {
            try? await debian.powerOff()  // The first error is the one to report.
            throw error
        }
    }

    /// Boots a machine, in a network if one is given; `powerOff` ends it.
    static func boot(
        as machine: (name: String, network: DebianNetwork)? = nil
    ) async throws -> Debian {
        let root = "\(packageRoot)/.build-deb/root"
        guard FileManager.default.fileExists(atPath: root) else {
            throw TestError("There is no \(root): run make test-deploy.")
        }
        let package = try DebianPackage.built()
        let nspawn = try tool(named: "systemd-nspawn", package: "systemd-container")
        let container = try ChildProcess(
            "/usr/bin/env",
            Self.asRoot(machine?.network.entrance ?? [])
                + [
                    nspawn, "--quiet", "--directory=\(root)", "--volatile=overlay",
                    "--register=no", "--keep-unit",
                    "--bind-ro=\(package.path):/nova-federation.deb",
                ] + (machine.map(DebianNetwork.options) ?? ["--private-network"]) + ["--boot"]
        )
        do {
            let debian = Debian(leader: try await Self.leader(of: container), container: container)
            let isUp = await eventually("Debian is up", within: .seconds(60)) {
                let state = try? await debian.shell("systemctl is-system-running").output
                return ["running\n", "degraded\n"].contains(state)
            }
            guard isUp else { throw TestError("Debian did not boot:\n\(container.output)") }
            return debian
        } catch {
            container.kill()
            throw error
        }
    }

    /// Runs a bash script as root; `get PATH` sends a request to port 8100.
    func shell(
        _ script: String,
        within limit: Duration = .seconds(60)
    ) async throws -> ProcessResult {
        let get = """
            get() {
                exec 3<>/dev/tcp/127.0.0.1/8100 || return
                printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' "$1" >&3
                cat <&3
            }
            """
        let path = "/usr/sbin:/usr/bin:/sbin:/bin"
        return try await run(
            "/usr/bin/env",
            Self.asRoot([try tool(named: "nsenter", package: "util-linux")]) + [
                "--target", "\(leader)", "--all", "/usr/bin/env", "--ignore-environment",
                "PATH=\(path)", "DEBIAN_FRONTEND=noninteractive",
                "/bin/bash", "-c", "cd /\n\(get)\n\(script)",
            ],
            within: limit
        )
    }

    /// Sets an address in the network of the bridge.
    func take(address: String) async throws {
        let ip = try tool(named: "ip", package: "iproute2")
        let script = "\(ip) addr add \(address)/24 dev host0 && \(ip) link set host0 up"
        let finished = try await run(
            "/usr/bin/env",
            Self.asRoot([
                "nsenter", "--target", "\(leader)", "--net", "--", "/bin/sh", "-c", script,
            ])
        )
        guard finished.ending == .exit(0) else { throw TestError(finished.log) }
    }

    /// Runs a script that must succeed, and returns its output.
    @discardableResult
    func output(_ script: String, within limit: Duration = .seconds(60)) async throws -> String {
        let finished = try await shell(script, within: limit)
        guard finished.ending == .exit(0) else {
            throw TestError(
                "\(script)\nended with \(finished.ending)\n\(finished.output)\(finished.log)"
            )
        }
        return finished.output
    }

    /// Installs the package.
    func install() async throws {
        try await output("apt-get install --yes /nova-federation.deb")
    }

    /// Edits lines of the settings file: removes the `#` and sets the value.
    func set(_ settings: KeyValuePairs<String, String>) async throws {
        try await set(settings.map { ($0, $1) })
    }

    /// Sets several values.
    func set(_ settings: [(key: String, value: String)]) async throws {
        for (key, value) in settings {
            try await output(
                """
                file=/etc/nova-federation/nova-federation.env
                sed --in-place 's|^#\\?\(key)=.*|\(key)=\(value)|' $file
                grep --quiet '^\(key)=\(value)$' $file
                """
            )
        }
    }

    /// A property of the unit from `systemctl show`.
    func property(_ name: String) async throws -> String {
        try await output("systemctl show --property=\(name) --value nova-federation")
            .trimmingCharacters(in: .newlines)
    }

    /// Powers off from inside, because only its systemd unmounts everything that nspawn mounted.
    func powerOff() async throws {
        defer { container.kill() }
        _ = try await shell("systemctl poweroff --force")
        _ = try await container.waitForEnd(within: .seconds(60))
    }

    /// A command for root: itself, or through sudo.
    static func asRoot(_ command: [String]) -> [String] {
        getuid() == 0 ? command : ["sudo", "--non-interactive"] + command
    }

    /// The process with the pid 1 in the container.
    private static func leader(of container: ChildProcess) async throws -> Int32 {
        for _ in 0..<1_000 {
            if let leader = descendants(of: container.pid).first(where: { name($0) == "systemd" }) {
                return leader
            }
            guard container.poll() == nil else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestError("systemd-nspawn started no process:\n\(container.output)\(container.log)")
    }

    private static func descendants(of pid: Int32) -> [Int32] {
        let path = "/proc/\(pid)/task/\(pid)/children"
        // An ended process has no children.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let children = text.split(separator: " ").compactMap { Int32($0) }
        return children + children.flatMap(descendants)
    }

    private static func name(_ pid: Int32) -> String? {
        // An ended process has no name.
        try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }
}
