import Foundation
import TestSupport
import Testing

/// The contents of the Debian package.
struct PackageTests {
    @Test func `the package has the version in VERSION`() async throws {
        let package = try DebianPackage.built()
        #expect(
            try await dpkgDeb(["--field", package.path, "Version"]) == productVersion() + "\n"
        )
    }

    @Test func `the C libraries are Debian's, and the Swift runtime is in the program`()
        async throws
    {
        let depends = try await dpkgDeb(["--field", DebianPackage.built().path, "Depends"])
        let names = depends.split(separator: ", ")
            .compactMap { $0.split(whereSeparator: \.isWhitespace).first }
        for library in [
            "libcurl4", "libmicrohttpd12", "libsqlite3-0", "libssl3", "libstdc++6", "libyaml-0-2",
        ] {
            #expect(names.contains(Substring(library)), "\(depends)")
        }
        #expect(depends.contains("libc6 (>= 2.36)"))
        try await unpacked { folder in
            let program = "\(folder)/usr/bin/nova-federation"
            let objdump = try tool(named: "objdump", package: "binutils")
            let dynamic = try await run(objdump, ["-p", program]).output
            #expect(dynamic.contains("NEEDED"))
            #expect(!dynamic.contains("libswift"))
            #expect(!dynamic.contains("RUNPATH"))
            // The relocations that require this libc6.
            #expect(dynamic.contains("RELR"))
            // Foundation, which no source may import, would add 37 MB of ICU.
            #expect(try Data(contentsOf: URL(fileURLWithPath: program)).count < 25_000_000)
        }
    }

    @Test func `lintian finds no fault, and nothing is overridden`() async throws {
        let package = try DebianPackage.built()
        let changes = package.path.replacingOccurrences(of: ".deb", with: ".changes")
        let lintian = try await run(
            tool(named: "lintian", package: "lintian"),
            ["--allow-root", "--pedantic", "--show-overrides", changes],
            within: .seconds(120)
        )
        #expect(lintian.output == "")
        #expect(lintian.ending == .exit(0))
    }

    @Test func `the settings file of the package is the template of this program`() async throws {
        let template = try await run(daemonExecutable(), ["check", "--template"]).output
        #expect(!template.isEmpty)
        try await unpacked { folder in
            let file = "\(folder)/etc/nova-federation/nova-federation.env"
            let packed = try String(contentsOfFile: file, encoding: .utf8)
            #expect(packed == template)
        }
        let conffiles = try await dpkgDeb(["--info", DebianPackage.built().path, "conffiles"])
        #expect(conffiles == "/etc/nova-federation/nova-federation.env\n")
    }

    @Test func `the manual page contains every command, option and exit code`() async throws {
        let page = try String(contentsOfFile: deployed("debian/nova-federation.8"), encoding: .utf8)
        let lines = page.split(separator: "\n")
        let help = try await run(daemonExecutable(), ["--experimental-dump-help"]).output
        let root = try JSONDecoder().decode(CommandDescription.self, from: Data(help.utf8))
        let commands = (root.command.subcommands ?? []).filter { $0.commandName != "help" }
        #expect(commands.count == 11)
        for command in commands {
            #expect(lines.contains(".Cm \(command.commandName)"))
            #expect(lines.contains(".It Cm \(command.commandName)"))
            for name in command.arguments?.flatMap({ $0.names ?? [] }) ?? []
            where !["help", "version", "h"].contains(name.name) {
                #expect(page.contains("Fl -\(name.name)"), "\(command.commandName) \(name.name)")
            }
        }
        let source = try String(
            contentsOfFile: "\(packageRoot)/Sources/Host/ExitStatus.swift",
            encoding: .utf8
        )
        let codes = source.matches(of: /case \w+ = (\d+)/).map { $0.output.1 }
        #expect(codes.count == 7)
        for code in codes {
            #expect(lines.contains(".It \(code)"), "\(code)")
        }
        let man = try await run(
            tool(named: "man", package: "man-db"),
            ["--warnings", "--local-file", deployed("debian/nova-federation.8")],
            environment: ["MANROFFOPT": "-ww", "LC_ALL": "C.UTF-8"]
        )
        #expect(man.log == "")
        #expect(man.ending == .exit(0))
    }

    @Test func `bash completes the commands`() async throws {
        try await unpacked { folder in
            let script = """
                . /usr/share/bash-completion/bash_completion
                . "$1"/usr/share/bash-completion/completions/nova-federation
                COMP_WORDS=(nova-federation ch) COMP_CWORD=1
                COMP_LINE="nova-federation ch" COMP_POINT=${#COMP_LINE}
                complete=$(complete -p nova-federation | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
                $complete nova-federation ch nova-federation
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let bash = try await run("/bin/bash", ["-c", script, "bash", folder])
            #expect(bash.output == "check\n", "\(bash.log)")
        }
    }

    @Test func `fish completes the commands`() async throws {
        try await unpacked { folder in
            let script = """
                source "$argv[1]"/usr/share/fish/vendor_completions.d/nova-federation.fish
                complete --do-complete 'nova-federation ch'
                """
            let fish = try await run(
                tool(named: "fish", package: "fish"),
                ["--no-config", "--command", script, folder],
                environment: ["HOME": folder]
            )
            #expect(fish.output.hasPrefix("check\t"), "\(fish.output)\(fish.log)")
            #expect(fish.output.split(separator: "\n").count == 1)
        }
    }

    /// zsh completes only in a terminal, so this types into one.
    @Test func `zsh completes the commands`() async throws {
        try await unpacked { folder in
            let script = """
                zmodload zsh/zpty
                zpty shell zsh --no-rcs -i
                zpty -w shell "fpath=($1/usr/share/zsh/vendor-completions \\$fpath)"
                zpty -w shell "autoload -U compinit; compinit -u -D"
                zpty -w -n shell $'nova-federation chec\\t'
                zpty -r -m shell text "*nova-federation check *" && echo completed
                """
            let zsh = try await run(
                tool(named: "zsh", package: "zsh"),
                ["--no-rcs", "-c", script, "zsh", folder],
                environment: ["HOME": folder, "TERM": "dumb"]
            )
            #expect(zsh.output == "completed\n", "\(zsh.log)")
        }
    }
}

/// A command in the output of `--experimental-dump-help`.
private struct CommandDescription: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        let names: [Name]?
    }

    struct Name: Decodable {
        let name: String
    }
}

/// The output of dpkg-deb.
private func dpkgDeb(_ arguments: [String]) async throws -> String {
    let finished = try await run(tool(named: "dpkg-deb", package: "dpkg"), arguments)
    #expect(finished.ending == .exit(0), "\(finished.log)")
    return finished.output
}

/// Unpacks the package into a temporary folder while `body` runs.
private func unpacked(_ body: (_ folder: String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("nova-federation-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await dpkgDeb(["--extract", DebianPackage.built().path, folder])
    try await body(folder)
}
