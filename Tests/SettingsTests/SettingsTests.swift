import Federation
import Foundation
import TestSupport
import Testing
import Trust

@testable import Settings

/// Sources, defaults, rules and faults of settings.
struct SettingsTests {
    static let fileLimit = 20_000

    static func load(
        _ environment: [String: String],
        file: String? = nil,
        fileLimit: Int = fileLimit
    ) throws(SettingFaults) -> LoadedSettings {
        try Settings.load(environment: environment, file: file, fileLimit: fileLimit)
    }

    /// The lines of all faults.
    static func faults(
        _ environment: [String: String],
        file: String? = nil,
        fileLimit: Int = fileLimit
    ) -> [String] {
        do throws(SettingFaults) {
            _ = try load(environment, file: file, fileLimit: fileLimit)
            return []
        } catch {
            return error.lines
        }
    }

    /// A list of `count` peers.
    static func peers(_ count: Int) -> String {
        (0..<count).map { "http://10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255):8100" }
            .joined(separator: ",")
    }

    @Test
    func `unset settings have their defaults`() throws {
        let loaded = try Self.load([:])
        let settings = loaded.settings
        #expect(settings.timeout == .milliseconds(2_500))
        #expect(settings.window == .seconds(300))
        #expect(settings.maxAge == .seconds(90))
        #expect(settings.staleAfter == .seconds(300))
        #expect(settings.maxInFlight == 256)
        #expect(settings.maxConnections == 4_096)
        #expect(settings.bind == BindAddress(host: "0.0.0.0", port: 8_100))
        #expect(settings.mode == .off)
        #expect(loaded.warnings.isEmpty && loaded.masked.isEmpty)
        #expect(loaded.origins["NOVA_FED_SYNC_INTERVAL"] == .standard)
        #expect(loaded.origins["NOVA_FED_SYNC_TIMEOUT"] == .derived)
    }

    @Test(
        arguments: [
            ("0.1", "0.1", "300", "90", "300"), ("2", "2", "300", "90", "300"),
            ("30", "2.5", "300", "90", "300"), ("60", "2.5", "600", "180", "300"),
            ("3600", "2.5", "36000", "10800", "7200"),
        ]
    )
    func `derived defaults follow the interval`(
        interval: String,
        timeout: String,
        window: String,
        maxAge: String,
        staleAfter: String
    ) throws {
        let settings = try Self.load(["NOVA_FED_SYNC_INTERVAL": interval]).settings
        #expect(settings.timeout.words == timeout)
        #expect(settings.window.words == window)
        #expect(settings.maxAge.words == maxAge)
        #expect(settings.staleAfter.words == staleAfter)
        #expect(settings.pullPlan.staleAfter == settings.staleAfter)
    }

    @Test
    func `the default of pulls in flight tolerates twice the peers dead, within the file limit`()
        throws
    {
        let few = try Self.load(["NOVA_FED_PEERS": Self.peers(100)]).settings
        #expect(few.maxInFlight == 256)
        #expect(few.tolerableDeadPeers == 3_072)
        let many = try Self.load(["NOVA_FED_PEERS": Self.peers(6_000)]).settings
        #expect(many.maxInFlight == 1_000)
        #expect(many.tolerableDeadPeers == 12_000)
        let tight = try Self.load(
            [
                "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
                "NOVA_FED_PEERS": Self.peers(6_000), "NOVA_FED_MAX_CONNECTIONS": "100",
            ],
            fileLimit: 600
        )
        #expect(tight.settings.maxInFlight == 600 - 100 - 128 - 6_000 / 32)
        #expect(tight.settings.tolerableDeadPeers == 2_220)
        #expect(
            tight.warnings == [
                "NOVA_FED_MAX_IN_FLIGHT is 185, the most that a limit of open files "
                    + "(RLIMIT_NOFILE) of 600 allows; pulls are missed if more than 2220 of 6000 "
                    + "peers are dead; all 6000 need at least 500; raise the limit of open files "
                    + "to at least 915 with ulimit -n or LimitNOFILE= in the unit, then restart"
            ]
        )
    }

    @Test(arguments: [72, 96, 128, 192, 256, 512, 1_024, 4_096, 20_000, 1 << 20], [0, 100, 600])
    func `the defaults fit every limit of open files, even with one setting changed`(
        fileLimit: Int,
        peers: Int
    ) throws {
        let list = ["NOVA_FED_PEERS": Self.peers(peers)]
        guard fileLimit >= 72 + peers / 32 else {
            let faults = Self.faults(list, fileLimit: fileLimit)
            #expect(faults.count == 1 && faults[0].hasPrefix("system: RLIMIT_NOFILE: "))
            return
        }
        let settings = try Self.load(list, fileLimit: fileLimit).settings
        #expect(settings.maxConnections >= 16 && settings.maxInFlight >= 8)
        for key in ["NOVA_FED_MAX_CONNECTIONS", "NOVA_FED_MAX_IN_FLIGHT"] {
            let one = list.merging([key: "20"]) { $1 }
            let faults = Self.faults(one, fileLimit: fileLimit)
            // A fault never names a setting that was not set.
            #expect(faults.allSatisfy { $0.contains("\(key)='20'") }, "\(faults)")
            #expect(faults.isEmpty || fileLimit < 128)
        }
    }

    @Test func `the smallest limit of open files that fits the defaults is exact`() {
        for peers in [0, 1_000, 5_000, 20_000, 100_000] {
            for fileLimit in [1, 71, 72, 150, 256, 700, 1_100, 3_000, 5_000] {
                var settings = Settings(fileLimit: fileLimit)
                settings.peers = Array(
                    repeating: Peer(
                        label: "a",
                        scheme: .http,
                        host: "a",
                        port: 1,
                        pathPrefix: ""
                    ),
                    count: peers
                )
                let least = settings.minimumFileLimit
                for limit in [least - 1, least, least + 1] {
                    settings.fileLimit = limit
                    settings.maxConnections = settings.derivedConnections
                    let fits = settings.allowedInFlight >= 8
                    #expect(fits == (limit >= least), "\(peers) peers, \(limit) files")
                    #expect((limit >= settings.minimumFileLimit) == fits)
                }
            }
        }
    }

    @Test func `a limit of open files that is too small is a fault with a remedy`() {
        #expect(
            Self.faults([:], fileLimit: 64) == [
                "system: RLIMIT_NOFILE: the limit of open files is 64; allowed: at least 72 with 0 "
                    + "peers; raise it with ulimit -n or LimitNOFILE= in the unit, then restart"
            ]
        )
    }

    @Test(
        arguments: [
            (
                ["NOVA_FED_SYNC_TIMEOUT": "3", "NOVA_FED_SYNC_INTERVAL": "2.9"],
                "at most the interval"
            ),
            (["NOVA_FED_WINDOW_SEC": "89"], "3 to 3,600 intervals, 90 to 108000 seconds"),
            (["NOVA_FED_WINDOW_SEC": "108001"], "3 to 3,600 intervals"),
            (["NOVA_FED_DOWN_AFTER": "4", "NOVA_FED_WINDOW_SEC": "119.9"], "interval, 3"),
            (["NOVA_FED_MAX_AGE_SEC": "59.9"], "at least 2 intervals, 60 seconds"),
            (["NOVA_FED_STALE_AFTER_SEC": "59.9"], "at least 2 intervals, 60 seconds"),
            (
                [
                    "NOVA_FED_QUALITY_W1": "0", "NOVA_FED_QUALITY_W2": "0",
                    "NOVA_FED_QUALITY_W3": "0",
                ], "at least one weight above 0"
            ),
            (["NOVA_FED_MAX_IN_FLIGHT": "15777"], "leave 15776 pulls in flight"),
            (["NOVA_FED_MAX_CONNECTIONS": "19900"], "leave 0 pulls in flight"),
            (
                ["NOVA_FED_SYNC_INTERVAL": "0.1", "NOVA_FED_PEERS": SettingsTests.peers(501)],
                "501 peers need an interval of at least 0.1002 seconds"
            ),
        ]
    )
    func `settings that are valid alone must follow the rules`(
        environment: [String: String],
        reason: String
    ) {
        let faults = Self.faults(environment)
        #expect(faults.count == 1)
        #expect(faults.first?.contains(reason) == true, "\(faults)")
    }

    @Test(
        arguments: [
            ["NOVA_FED_SYNC_TIMEOUT": "3", "NOVA_FED_SYNC_INTERVAL": "3"],
            ["NOVA_FED_WINDOW_SEC": "90"], ["NOVA_FED_WINDOW_SEC": "108000"],
            ["NOVA_FED_DOWN_AFTER": "4", "NOVA_FED_WINDOW_SEC": "120"],
            ["NOVA_FED_DOWN_AFTER": "10"], ["NOVA_FED_MAX_AGE_SEC": "60"],
            ["NOVA_FED_STALE_AFTER_SEC": "60"],
            ["NOVA_FED_MAX_IN_FLIGHT": "15776"],
            ["NOVA_FED_QUALITY_W1": "0", "NOVA_FED_QUALITY_W2": "0"],
            ["NOVA_FED_SYNC_INTERVAL": "0.1", "NOVA_FED_PEERS": SettingsTests.peers(500)],
        ]
    )
    func `settings may reach the limits of the rules`(environment: [String: String]) {
        #expect(Self.faults(environment).isEmpty)
    }

    @Test
    func `all faults are reported at once, with their lines`() throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(
            """
            # our node
            NOVA_FED_SYNC_INTERVAL=soon
            NOVA_FED_DRAIN_SEC 7
            NOVA_FED_PEERS="http://a,b:80,http://u:secret@c"

            NOVA_FED_MAX_BODY=1
            NOVA_FED_MAX_BODY=2048
            """,
            to: "nova.env"
        )
        let faults = Self.faults(
            ["NOVA_FED_SYNC_TIMEOUT": "60.1", "NOVA_FED_LOG_LEVEL": "loud"],
            file: file
        )
        #expect(
            faults == [
                "\(file):3: NOVA_FED_DRAIN_SEC: is not KEY=VALUE",
                "\(file):7: NOVA_FED_MAX_BODY: is already set on line 6; remove one of the lines",
                "environment: NOVA_FED_LOG_LEVEL='loud': "
                    + "allowed: trace, debug, info, notice, warning, error, critical",
                "\(file):2: NOVA_FED_SYNC_INTERVAL='soon': allowed: 0.1 to 3600 seconds",
                "environment: NOVA_FED_SYNC_TIMEOUT='60.1': allowed: 0.05 to 60 seconds",
                "\(file):6: NOVA_FED_MAX_BODY='1': allowed: 1024 to 1048576",
                "\(file):4: NOVA_FED_PEERS='b:80': has no scheme; did you mean http://b:80?",
                "\(file):4: NOVA_FED_PEERS='http://***@c': "
                    + "contains user information before an @; remove it: a summary needs no login",
            ]
        )
    }

    @Test
    func `the environment takes precedence over the file, and masked keys are named`() throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(
            "NOVA_FED_SYNC_INTERVAL=20\nNOVA_FED_DRAIN_SEC=7\nHOME=/x\nNOVA_VERSION=9\n",
            to: "nova.env"
        )
        let loaded = try Self.load(
            ["NOVA_FED_SYNC_INTERVAL": "10", "NOVA_FED_DRAIN_SEC": " ", "HOME": "/y"],
            file: file
        )
        #expect(loaded.settings.interval == .seconds(10))
        #expect(loaded.settings.drain == .seconds(7))
        #expect(loaded.settings.version == "9")
        #expect(loaded.origins["NOVA_FED_SYNC_INTERVAL"] == .environment)
        #expect(loaded.origins["NOVA_FED_DRAIN_SEC"] == .file(file, line: 2))
        let masked = "\(file):1: NOVA_FED_SYNC_INTERVAL is masked by the environment"
        #expect(loaded.masked == [masked])
    }

    @Test
    func `an unknown key with our prefix causes a warning, and a key of Nova does not`() throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write("NOVA_FED_PEER=http://a\nSECRET=1\n", to: "nova.env")
        let loaded = try Self.load(
            [
                "NOVA_FED_SYNC_INTERVALL": "3", "NOVA_FED_SCRAPE_INTERVAL": "x",
                "NOVA_FEDERATION_REGISTRY": "x", "NOVA_WISDOM_S_REF": "x",
                "NOVA_FED_SOMETHING_ELSE_ALTOGETHER": "x",
            ],
            file: file
        )
        #expect(
            loaded.warnings == [
                "\(file):1: NOVA_FED_PEER is not a setting; did you mean NOVA_FED_PEERS?",
                "environment: NOVA_FED_SOMETHING_ELSE_ALTOGETHER is not a setting",
                "environment: NOVA_FED_SYNC_INTERVALL is not a setting; "
                    + "did you mean NOVA_FED_SYNC_INTERVAL?",
            ]
        )
    }

    @Test
    func `an invalid value is shown short, without secrets and control characters`() {
        let value =
            "http://user:pa@ss@h/\u{1B}[2J\n\u{202E}" + String(repeating: "x", count: 500)
        var faults = SettingFaults()
        faults.report("K", value, "no", .environment)
        let shown = faults.lines[0]
        #expect(shown.hasPrefix(#"environment: K='http://***@h/\u{1b}[2J\u{a}\u{202e}xxx"#))
        #expect(shown.hasSuffix("x…': no"))
        #expect(shown.count < 250)
    }

    @Test(
        arguments: [
            ("http://h/p?token=secret", "http://h/p?***"), ("h:80?secret", "h:80?***"),
            ("http://h/#secret", "http://h/#***"), ("/srv/#1/ca.pem", "/srv/#1/ca.pem"),
            ("u:secret//x@h", "***@h"), ("http://u:secret@h?secret", "http://***@h?***"),
            ("http://u:sec?ret@h", "http://***"), ("http://h?a=b@c&secret", "http://***"),
            ("a=http://u:sec/ret@h", "a=http://***@h"), ("?", "?***"), ("@", "***@"),
            ("x=http://u:secret%40h", "x=http://***%40h"), ("u:secret%40h", "***%40h"),
            ("http://u:secret", "http://u:***"), ("http://u:sec/ret", "http://u:***"),
            ("http://u:secret?secret", "http://u:***?***"),
            ("http://[::1]:secret", "http://[::1]:***"),
            ("http://h:80?secret", "http://h:80?***"), ("http://h:99999/p", "http://h:99999/p"),
            ("http://[::1]:80", "http://[::1]:80"), ("http://2001:db8::1", "http://2001:db8::1"),
        ]
    )
    func `user information, query and fragment of an invalid value are not shown`(
        value: String,
        shown: String
    ) {
        #expect(value.shown == shown)
    }

    /// Each 7 is a part of a secret.
    @Test(
        arguments: [
            "http://u:77@h", "http://u:77,77@h", "http://a,http://u:7,7,7@h,http://b", "u:77@h",
            "u:7,77@h:80", "u:77=x@h", "u:7=7,7@h", "http://u:s7/77@h", "u:7/7@h", "http://h?77",
            "http://h:80/p?token=77", "h:80?77", "n=h?t=77", "http://h/#77", "http://h?7@h",
        ]
    )
    func `a refused list of peers shows no password, query or fragment`(list: String) {
        let faults = Self.faults(["NOVA_FED_PEERS": list])
        #expect(faults.count == 1)
        #expect(faults.first?.contains("NOVA_FED_PEERS='") == true)
        #expect(faults.first?.contains("7") == false, "\(faults)")
    }

    @Test
    func `the default state directory is systemd's`() throws {
        let environment = ["STATE_DIRECTORY": "/var/lib/a:/var/lib/b"]
        #expect(try Self.load(environment).settings.stateDirectory == "/var/lib/a")
        let both = environment.merging(["NOVA_FED_STATE_DIR": "/srv"]) { $1 }
        #expect(try Self.load(both).settings.stateDirectory == "/srv")
    }

    @Test
    func `NOVA_FED_CA_FILE must exist, be complete and contain a certificate`() throws {
        let scratch = try TemporaryDirectory()
        let open = try scratch.write("-----BEGIN CERTIFICATE-----\n", to: "open.pem")
        let junk = try scratch.write("junk", to: "junk.pem")
        for (path, reason) in [
            open: "block 1, at line 1, cannot be read (bad end line), so libcurl refuses the file; "
                + "fix or remove the block",
            junk: "contains no certificate; allowed: a PEM file of certificates",
            "/dev/null": "contains no certificate; allowed: a PEM file of certificates",
            "/nowhere/ca.pem": "cannot be read: No such file or directory",
        ] {
            let faults = Self.faults(["NOVA_FED_CA_FILE": path])
            #expect(faults == ["environment: NOVA_FED_CA_FILE='\(path)': \(reason)"])
        }
    }

    @Test
    func `the certificates in NOVA_FED_CA_FILE are counted`() throws {
        let good = try String(contentsOfFile: CasesTests.path("authority.pem"), encoding: .utf8)
        let scratch = try TemporaryDirectory()
        let loaded = try Self.load(["NOVA_FED_CA_FILE": scratch.write(good + good, to: "ca")])
        #expect(loaded.certificateCount == 2)
        #expect(SettingsReport(of: loaded).text.contains("trusted certificates  2\n"))
    }

    @Test
    func `a token for peers causes one warning if some use http`() throws {
        let scratch = try TemporaryDirectory()
        let token = "a-secret-of-sixteen"
        let file = try scratch.write("\(token)\nanother-secret-token\n", to: "token")
        var environment = [
            "FEDERATION_ENABLED": "1", "NOVA_FED_SYNC_ENABLED": "1",
            "NOVA_FED_PEERS": "https://a,http://b,http://c",
            "NOVA_FED_PEER_TOKEN_FILE": file,
        ]
        let mixed = try Self.load(environment)
        let expected =
            "NOVA_FED_PEER_TOKEN_FILE is set, but 2 of the URLs to pull use http, including "
            + "http://b:80: they are pulled without the token"
        #expect(mixed.warnings == [expected])
        #expect(mixed.trust.peerToken?.value.text == token)
        #expect(!SettingsReport(of: mixed).text.contains("secret"))
        environment["NOVA_FED_PEERS"] = "https://a"
        #expect(try Self.load(environment).warnings == [])
        environment["NOVA_FED_LOCAL_SOURCE"] = "http://127.0.0.1:9"
        #expect(try Self.load(environment).warnings.count == 1)
        environment["NOVA_FED_LOCAL_SOURCE"] = "https://127.0.0.1:9"
        #expect(try Self.load(environment).warnings == [])
    }
}
