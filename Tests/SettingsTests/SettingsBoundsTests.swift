import Testing

@testable import Settings

/// The bounds of each key.
struct SettingsBoundsTests {
    /// A key, accepted texts with their shown values, and refused texts.
    struct Case: Sendable {
        var key: String
        var allowed: [String: String]
        var refused: [String]

        init(_ key: String, _ allowed: [String: String], refused: [String]) {
            self.key = key
            self.allowed = allowed
            self.refused = refused
        }
    }

    static let flag = [
        "1": "1", "true": "1", "YES": "1", "On": "1", "0": "0", "False": "0", "no": "0", "off": "0",
    ]
    /// Texts that are not numbers.
    static let junk = [
        "abc", "1x", "x1", "1 2", "nan", "NaN", "inf", "-inf", "0x10", "1e1", "+1", "1,5", "1.2.3",
        ".", "-", "--1", "१", String(repeating: "1", count: 400),
    ]
    static let unit = ["0": "0", "1": "1", "0.25": "0.25", ".5": "0.5", "1.": "1"]
    static let beyondUnit = junk + ["-0.01", "1.01"]

    static let allCases = cases + governorCases

    static let cases = [
        Case("FEDERATION_ENABLED", flag, refused: ["2", "y", "enabled", "true1", "-1"]),
        Case("NOVA_FED_SYNC_ENABLED", flag, refused: ["2", "yess"]),
        Case("NOVA_ENABLE_PROMETHEUS", flag, refused: ["2"]),
        Case("NOVA_FED_METRIC_ALIASES", flag, refused: ["all"]),
        Case("NOVA_FED_PEERS", ["http://h, ,a=http://i": "http://h, ,a=http://i"], refused: []),
        Case("NOVA_FED_PEERS_FILE", ["/etc/peers": "/etc/peers"], refused: []),
        Case("NOVA_FED_STATE_DIR", ["/var/lib/x": "/var/lib/x"], refused: []),
        Case(
            "NOVA_FED_EVENTS_DAYS",
            ["0": "0", "3650": "3650"],
            refused: junk + ["-1", "3651", "0.5"]
        ),
        Case(
            "NOVA_FED_EVENTS_MAX",
            ["100": "100", "10000000": "10000000"],
            refused: junk + ["99", "10000001", "100.5"]
        ),
        Case("NOVA_FED_CA_FILE", ["/etc/ca.pem": "/etc/ca.pem"], refused: []),
        Case("NOVA_FED_TLS_CERT_FILE", ["/etc/n1.pem": "/etc/n1.pem"], refused: []),
        Case("NOVA_FED_TLS_KEY_FILE", ["/etc/n1.key": "/etc/n1.key"], refused: []),
        Case(
            "NOVA_FED_TLS_MIN_VERSION",
            ["1.2": "1.2", "1.3": "1.3"],
            refused: ["1.1", "1", "TLS1.2", "1.4"]
        ),
        Case("NOVA_FED_CLIENT_CA_FILE", ["/etc/ca.pem": "/etc/ca.pem"], refused: []),
        Case(
            "NOVA_FED_CLIENT_SANS",
            [
                "N1.example": "n1.example", "*.example , 10.0.0.1": "*.example,10.0.0.1",
                "::1,spiffe://nova/n1": "::1,spiffe://nova/n1",
            ],
            refused: ["*", "a,", ",a", "a b", "ä.example", String(repeating: "a,", count: 1_001)]
        ),
        Case("NOVA_FED_TOKEN_FILE", ["/etc/tokens": "/etc/tokens"], refused: []),
        Case("NOVA_FED_PEER_TOKEN_FILE", ["/etc/token": "/etc/token"], refused: []),
        Case(
            "NOVA_FED_LOCAL_SOURCE",
            [
                "builtin": "builtin", "http://H:8000/": "http://h:8000",
                "https://h": "https://h:443", "file:/run/nova.json": "file:/run/nova.json",
            ],
            refused: ["Builtin2", "file:nova.json", "file:", "h:80", "a=http://h", "http://u:p@h"]
        ),
        Case(
            "NOVA_NODE_ID",
            ["nova-1": "nova-1", "Zürich": "Zürich"],
            refused: [
                String(repeating: "x", count: 129), String(repeating: "\u{1F600}", count: 129),
                "a\u{1}b", "a\u{7F}", "e" + String(repeating: "\u{301}", count: 128),
            ]
        ),
        Case(
            "NOVA_VERSION",
            ["5.1.1-polish": "5.1.1-polish"],
            refused: [String(repeating: "1", count: 129), "1\u{9}2"]
        ),
        Case(
            "FEDERATION_BIND",
            [
                "127.0.0.1:0": "127.0.0.1:0", "[::1]:8100": "[::1]:8100", "[0::0]:1": "[::]:1",
                "localhost:65535": "localhost:65535",
            ],
            refused: ["8100", "127.0.0.1", "::1:80", "[::1]", "h:65536", ":80", "h:x", "a b:1"]
        ),
        Case(
            "NOVA_FED_DRAIN_SEC",
            ["0": "0", "300": "300", "0.5": "0.5"],
            refused: junk + ["-1", "300.1"]
        ),
        Case(
            "NOVA_FED_MAX_CONNECTIONS",
            ["16": "16", "1000000": "1000000"],
            refused: junk + ["15", "1000001", "16.0", "-16"]
        ),
        Case(
            "NOVA_FED_MAX_CONNECTIONS_PER_ADDRESS",
            ["0": "0", "1000000": "1000000"],
            refused: junk + ["-1", "1000001"]
        ),
        Case(
            "NOVA_FED_MAX_RESPONSE_BYTES",
            ["1048576": "1048576", "17179869184": "17179869184"],
            refused: junk + ["1048575", "17179869185", "1M"]
        ),
        Case(
            "NOVA_FED_LOG_LEVEL",
            [
                "trace": "trace", "DEBUG": "debug", "info": "info", "notice": "notice",
                "warning": "warning", "error": "error", "critical": "critical",
            ],
            refused: ["warn", "verbose", "5"]
        ),
        Case("NOVA_FED_LOG_FORMAT", ["JSON": "json", "logfmt": "logfmt"], refused: ["text"]),
        Case(
            "NOVA_FED_SYNC_INTERVAL",
            ["0.1": "0.1", "3600": "3600", "2.50": "2.5"],
            refused: junk + ["0", "0.09", "-30", "3600.1"]
        ),
        Case(
            "NOVA_FED_SYNC_TIMEOUT",
            ["0.05": "0.05", "60": "60"],
            refused: junk + ["0", "0.049", "60.5"]
        ),
        Case(
            "NOVA_FED_WINDOW_SEC",
            ["0.3": "0.3", "12960000": "12960000"],
            refused: junk + ["0.2", "12960001"]
        ),
        Case("NOVA_FED_DOWN_AFTER", ["1": "1", "10": "10"], refused: junk + ["0", "11"]),
        Case(
            "NOVA_FED_MAX_AGE_SEC",
            ["0.2": "0.2", "864000": "864000"],
            refused: junk + ["0.1", "864001"]
        ),
        Case(
            "NOVA_FED_STALE_AFTER_SEC",
            ["0.2": "0.2", "864000": "864000"],
            refused: junk + ["0.1", "864001"]
        ),
        Case(
            "NOVA_FED_MAX_BODY",
            ["1024": "1024", "1048576": "1048576"],
            refused: junk + ["1023", "1048577", "64k"]
        ),
        Case(
            "NOVA_FED_MAX_IN_FLIGHT",
            ["1": "1", "1048576": "1048576"],
            refused: junk + ["0", "1048577"]
        ),
        Case(
            "NOVA_FED_QUALITY_W1",
            ["0": "0", "1000": "1000"],
            refused: junk + ["-0.1", "1000.1"]
        ),
        Case(
            "NOVA_FED_QUALITY_W2",
            ["0": "0", "1000": "1000"],
            refused: junk + ["-0.1", "1000.1"]
        ),
        Case(
            "NOVA_FED_QUALITY_W3",
            ["0": "0", "1000": "1000"],
            refused: junk + ["-0.1", "1000.1"]
        ),
        Case(
            "NOVA_FED_QUALITY_LAT_CAP_SEC",
            ["0.001": "0.001", "60": "60"],
            refused: junk + ["0", "0.0009", "60.1"]
        ),
        Case(
            "NOVA_FED_QUALITY_TAU_SEC",
            ["1": "1", "86400": "86400"],
            refused: junk + ["0.9", "86400.1"]
        ),
        Case("NOVA_FED_MIN_PEER_QUALITY", unit, refused: beyondUnit),
        Case(
            "NOVA_FED_MIN_GOOD_PEERS",
            ["1": "1", "100000": "100000"],
            refused: junk + ["0", "100001", "1.0"]
        ),
        Case(
            "NOVA_WISDOM_POLL_INTERVAL",
            ["0.1": "0.1", "60": "60"],
            refused: junk + ["0.09", "60.1"]
        ),
        Case(
            "NOVA_WISDOM_G_CONTEXT",
            ["auto": "auto", "Solo": "solo", "federated": "federated"],
            refused: ["both"]
        ),
        Case(
            "NOVA_WISDOM_G_MIN_PEERS",
            ["1": "1", "1000": "1000"],
            refused: junk + ["0", "1001"]
        ),
        Case(
            "NOVA_WISDOM_G_HYSTERESIS_SEC",
            ["0": "0", "3600": "3600"],
            refused: junk + ["-1", "3600.1"]
        ),
        Case(
            "NOVA_WISDOM_G_WEIGHTS",
            ["0.4,0.3,0.3": "0.4,0.3,0.3", "0, 1 ,0.5": "0,1,0.5"],
            refused: [
                "0.4", "0.4,0.3", "0.1,0.2,0.3,0.4", "0.4,,0.3", "a,b,c", "0.4,0.3,1.1", "1,1,1,",
            ]
        ),
        Case("NOVA_WISDOM_G_KAPPA", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_G_MIN_S", unit, refused: beyondUnit),
        Case("NOVA_WISDOM_G_MIN_H", unit, refused: beyondUnit),
    ]

    @Test
    func `every key has a case here`() {
        #expect(Set(Self.allCases.map(\.key)) == Set(SettingsTable.all.map(\.key)))
        #expect(SettingsTable.all.count == Self.allCases.count)
    }

    @Test(arguments: allCases)
    func `a key accepts values within its bounds`(_ sample: Case) throws {
        let setting = try #require(SettingsTable.setting(sample.key))
        for (text, shown) in sample.allowed {
            var settings = Settings(fileLimit: 20_000)
            #expect(setting.read(text, &settings), "\(text)")
            #expect(setting.show(settings) == shown)
        }
    }

    @Test(arguments: allCases)
    func `a key refuses other values and names the allowed ones`(_ sample: Case) throws {
        let setting = try #require(SettingsTable.setting(sample.key))
        for text in sample.refused {
            var settings = Settings(fileLimit: 20_000)
            #expect(!setting.read(text, &settings), "\(text)")
            #expect(settings == Settings(fileLimit: 20_000))
            let faults = SettingsTests.faults([sample.key: text])
            let origin = "environment: \(sample.key)='"
            #expect(faults.count == 1 && faults[0].hasPrefix(origin), "\(text)")
            #expect(faults[0].hasSuffix("': allowed: \(setting.allowed)"))
        }
    }

    @Test(arguments: allCases)
    func `blanks around a value are ignored, and a blank value is unset`(
        _ sample: Case
    ) throws {
        let unset = try SettingsTests.load([:])
        #expect(try SettingsTests.load([sample.key: " \t "]).settings == unset.settings)
        #expect(try SettingsTests.load([sample.key: ""]).origins == unset.origins)
    }
}
