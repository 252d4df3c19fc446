import Federation
import TestSupport
import Testing

@testable import Settings

/// Peers from NOVA_FED_PEERS and from files in three formats.
struct PeersFileTests {
    /// The peers and the faults of a file with this name.
    static func read(
        _ text: String,
        as name: String,
        list: String = ""
    ) throws -> (peers: [String], faults: [String]) {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(text, to: name)
        do throws(SettingFaults) {
            let environment = ["NOVA_FED_PEERS_FILE": file, "NOVA_FED_PEERS": list]
            let settings = try SettingsTests.load(environment).settings
            return (settings.peers.map { "\($0.label) \($0.url)" }, [])
        } catch {
            return ([], error.lines.map { $0.replacing(scratch.path + "/", with: "") })
        }
    }
    static let same = [
        (
            "peers.txt",
            "# ours\r\nhttp://10.0.0.1:8100\r\n\r\n  east=https://[::1]:8100/nova/\n"
                + "  # more\nhttp://h"
        ),
        (
            "peers.json",
            """
            [
            \t{"targets": ["10.0.0.1:8100"], "labels": {"env": "prod", "__metrics_path__": "/m"}},
            \t{"labels": {"__scheme__": "https", "name": "east2"}, "targets": ["[::1]:8100"]},
            \t{"targets": ["h"]}
            ]
            """
        ),
        (
            "PEERS.YAML",
            """
            # ours
            - targets: [10.0.0.1:8100]
            - targets:
                - '[::1]:8100'
              labels:
                __scheme__: https
                name: east2
            - targets: ["h"]
              labels: {}
            """
        ),
    ]

    @Test(arguments: same)
    func `three formats give the same peers`(name: String, text: String) throws {
        let (peers, faults) = try Self.read(text, as: name)
        let east =
            name == "peers.txt" ? "east https://[::1]:8100/nova" : "east2 https://[::1]:8100"
        #expect(faults.isEmpty)
        #expect(peers == ["10.0.0.1:8100 http://10.0.0.1:8100", east, "h:80 http://h:80"])
    }

    @Test
    func `an anchor may share labels between groups`() throws {
        let text = """
            - {targets: [a], labels: &secure {__scheme__: https}}
            - {targets: [b], labels: *secure}
            """
        let (peers, faults) = try Self.read(text, as: "p.yml")
        #expect(faults.isEmpty)
        #expect(peers == ["a:443 https://a:443", "b:443 https://b:443"])
    }

    @Test
    func `an invalid group that many aliases repeat is reported quickly`() {
        let bad = "[" + String(repeating: "a/,", count: 900) + "]"
        let text = "- &g {targets: \(bad)}\n" + String(repeating: "- *g\n", count: 1_000_000)
        let file = PeersFile(parsing: Array(text.utf8), path: "p.yml")
        #expect(file.faults.count > PeerList.maximumPeers)
        #expect(file.faults.count < PeerList.maximumPeers + 1_000)
    }

    @Test(arguments: ["p.txt", "p.yml", "p.json"])
    func `in every format [] is a list without peers`(
        name: String
    ) throws {
        for text in ["[]", " [] \n", "\u{FEFF}[]\r\n"] {
            let (peers, faults) = try Self.read(text, as: name)
            #expect(peers.isEmpty && faults.isEmpty)
            #expect(!PeersFile(parsing: Array(text.utf8), path: name).isVoid)
        }
        let list = try Self.read("[]\nhttp://a\n", as: "p.txt")
        #expect(list.faults.first?.hasPrefix("p.txt:1: NOVA_FED_PEERS_FILE: [] means") == true)
    }

    @Test(arguments: ["", " ", "\n\n", "\t\r\n "])
    func `an empty JSON or YAML file is a fault`(
        text: String
    ) throws {
        for name in ["p.json", "p.yml", "p.yaml"] {
            let expected =
                "\(name):1: NOVA_FED_PEERS_FILE: is empty; write [] for a list without peers"
            #expect(try Self.read(text, as: name).faults == [expected])
        }
        #expect(PeersFile(parsing: Array(text.utf8), path: "p.txt").isVoid)
    }

    /// Longer than libyaml allows.
    private static let longKey = String(repeating: "k", count: 2_000)

    @Test(
        arguments: [
            (
                "[{\"targets\":[\"a\"],\"labels\":{\"note\":\"\\ud83d\\ude80\"}}]",
                "a:80 http://a:80"
            ),
            ("\u{FEFF}[\t{\"targets\"\t:[\"a\"]}\r\n]", "a:80 http://a:80"),
            (
                "[{\"targets\":[\"\\u0061\"],\"labels\":{\"\(longKey)\":\"\u{7F}\"}}]",
                "a:80 http://a:80"
            ),
            ("[{\"targets\":[\"a\"],\"labels\":null}]", "a:80 http://a:80"),
            (
                "[{\"labels\":{\"__scheme__\":\"HTTPS\",\"name\":\"x\"},\"targets\":[\"a\"]}]",
                "x https://a:443"
            ),
        ]
    )
    func `a .json file is parsed as JSON, not as YAML`(text: String, peer: String) throws {
        let (peers, faults) = try Self.read(text, as: "p.json")
        #expect(faults.isEmpty)
        #expect(peers == [peer])
    }

    @Test func `a huge JSON file that is not a list is refused quickly`() {
        let count = 3_000_000
        let texts = [
            "[" + String(repeating: "[],", count: count) + "[]]",
            "[{\"targets\":[" + String(repeating: "1,", count: count) + "1]}]",
            "[{\"targets\":[],\"x\":[" + String(repeating: "1,", count: count) + "1]}]",
        ]
        let started = ContinuousClock.now
        for text in texts {
            #expect(!PeersFile(parsing: Array(text.utf8), path: "p.json").faults.isEmpty)
        }
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test(
        arguments: [
            (
                "- {targets: [a], labels: &t {__scheme__: https}}\n"
                    + "- {targets: [b], labels: {<<: *t}}",
                ["a:443 https://a:443", "b:443 https://b:443"]
            ),
            (
                "- {targets: [a], labels: &t {__scheme__: https}}\n"
                    + "- {targets: [b], labels: {<<: *t, __scheme__: http}}",
                ["a:443 https://a:443", "b:80 http://b:80"]
            ),
            (
                "- {targets: [b], labels: {<<: [{name: x}, {name: y, __scheme__: https}]}}",
                ["x https://b:443"]
            ),
            (
                "- &g {targets: [a], labels: {__scheme__: https}}\n- {<<: *g, targets: [b]}",
                ["a:443 https://a:443", "b:443 https://b:443"]
            ),
        ]
    )
    func `merged labels count like written labels`(text: String, all: [String]) throws {
        let (peers, faults) = try Self.read(text, as: "p.yml")
        #expect(faults.isEmpty)
        #expect(peers == all)
    }

    @Test(arguments: ["p.json", "p.yml"])
    func `an empty name or scheme counts as absent`(name: String) throws {
        let text = #"[{"targets": ["a"], "labels": {"name": "", "__scheme__": ""}}]"#
        #expect(try Self.read(text, as: name).peers == ["a:80 http://a:80"])
    }

    @Test func `a repeated peer is pulled once, with a warning`() throws {
        let scratch = try TemporaryDirectory()
        let text = "b=http://b\nhttp://A:80/\n" + String(repeating: "http://c\n", count: 30)
        let file = try scratch.write(text, to: "p")
        let loaded = try SettingsTests.load([
            "NOVA_FED_PEERS": "http://a,b=http://b/,http://a", "NOVA_FED_PEERS_FILE": file,
        ])
        #expect(loaded.settings.peers.map(\.label) == ["a:80", "b", "c:80"])
        let repeated = loaded.warnings.filter { $0.contains(" repeats ") }
        #expect(repeated.count == PeerList.maximumRepeated)
        #expect(
            repeated.first == "environment: NOVA_FED_PEERS='http://a' repeats peer 'a:80' "
                + "(http://a:80, environment); it is pulled once"
        )
        #expect(loaded.warnings.contains("12 more entries repeat a peer"))
    }

    @Test(
        arguments: [
            (
                "p.txt", "http://a\nb\n",
                "p.txt:2: NOVA_FED_PEERS_FILE='b': has no scheme; did you mean http://b?"
            ),
            (
                "p.txt", "http://a, http://b",
                "p.txt:1: NOVA_FED_PEERS_FILE='http://a, http://b': contains a blank"
            ),
            (
                "p.json", "{\"targets\": []}",
                "p.json:1: NOVA_FED_PEERS_FILE: is not a list of target groups"
            ),
            (
                "p.json", "[\n{\"target\": [\"a\"]}]",
                "p.json:2: NOVA_FED_PEERS_FILE: is not a group with a list of targets"
            ),
            (
                "p.yml", "- targets: a\n",
                "p.yml:1: NOVA_FED_PEERS_FILE: is not a group with a list of targets"
            ),
            (
                "p.yml", "- targets: [a]\n  label: {}\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: 'label' is not allowed in a group"
            ),
            (
                "p.yml", "- targets:\n  - http://a\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: a target is host:port; its scheme goes to __scheme__"
            ),
            (
                "p.yml", "- targets: [a]\n  labels: {__scheme__: ftp}",
                "p.yml:2: NOVA_FED_PEERS_FILE='ftp': the label '__scheme__' is invalid"
            ),
            (
                "p.yml", "- targets: [a:0]",
                "p.yml:1: NOVA_FED_PEERS_FILE='http://a:0': has an invalid port; use 1 to 65535"
            ),
            (
                "p.yml", "- targets: [}",
                "p.yml:1: NOVA_FED_PEERS_FILE: is not YAML: did not find expected node content"
            ),
            (
                "p.json", "[{\"targets\": [\"a\"]},\n{\"targets\": [\"b\"}]",
                "p.json:2: NOVA_FED_PEERS_FILE: is not JSON: an unexpected byte"
            ),
            (
                "p.json", "[{\"targets\": [\"a\"]},\n{\"targets\": [\"b\"",
                "p.json:2: NOVA_FED_PEERS_FILE: is not JSON: an incomplete value"
            ),
            (
                "p.json", "[{\"targets\": []}]\n\n]",
                "p.json:3: NOVA_FED_PEERS_FILE: is not JSON: bytes after the value"
            ),
            (
                "p.json", "null",
                "p.json:1: NOVA_FED_PEERS_FILE: is not a list of target groups"
            ),
            (
                "p.json", "[{\"targets\": [],\n\"targets\": []}]",
                "p.json:2: NOVA_FED_PEERS_FILE: has the key 'targets' twice"
            ),
            (
                "p.json", "[{\"targets\": [\"a\"], \"labels\": {\"n\": 1}}]",
                "p.json:1: NOVA_FED_PEERS_FILE: the label 'n' is not a string"
            ),
            (
                "p.json", "[{\"targets\": [\"a\"], \"labels\": [\"__scheme__=https\"]}]",
                "p.json:1: NOVA_FED_PEERS_FILE: 'labels' is not a mapping from label to text"
            ),
            (
                "p.json", String(repeating: "[", count: 100_000),
                "p.json:1: NOVA_FED_PEERS_FILE: is not JSON: nesting deeper than 32"
            ),
            (
                "p.yml", "---\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: is not a list of target groups"
            ),
            (
                "p.yml", "- targets: [a]\n  labels: __scheme__=https\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: 'labels' is not a mapping from label to text"
            ),
            (
                "p.yml", "- targets: [a]\n  labels:",
                "p.yml:2: NOVA_FED_PEERS_FILE: 'labels' is not a mapping from label to text"
            ),
            (
                "p.yml", "- targets: [a]\n  labels:\n    site: [x]\n",
                "p.yml:3: NOVA_FED_PEERS_FILE: the label 'site' is not a string"
            ),
            (
                "p.yml", "- targets: [a]\n  labels:\n    <<: x\n",
                "p.yml:3: NOVA_FED_PEERS_FILE: has a merge key << whose value is not a mapping"
            ),
            (
                "p.yml", "- targets: [a]\n  labels: {name: web server}\n",
                "p.yml:2: NOVA_FED_PEERS_FILE='web server': the label 'name' is invalid"
            ),
            (
                "p.yml", String(repeating: "[", count: 100_000),
                "p.yml:1: NOVA_FED_PEERS_FILE: is nested deeper than 32 levels"
            ),
            (
                "p.yml", "- targets: [a]\n  targets: [b]\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: has the key 'targets' twice"
            ),
            (
                "p.yml", "- targets: [a]\n---\n- targets: [b]\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: contains a second document; allowed: one"
            ),
            (
                "p.yml", "- targets: [a]\n  ? [labels]\n  : {}\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: '?' is not allowed in a group"
            ),
            (
                "p.yml", "&a [\n*a]",
                "p.yml:2: NOVA_FED_PEERS_FILE: uses the alias *a before its anchor &a"
            ),
            (
                "p.yml", "- targets:\n  - [a]\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: a target is host:port; its scheme goes to __scheme__"
            ),
        ]
    )
    func `a fault contains its line`(
        name: String,
        text: String,
        fault: String
    ) throws {
        let (_, faults) = try Self.read(text, as: name)
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix(fault) == true, "\(faults)")
    }

    @Test
    func `peers of list and file with the same URL or name are faults that name both`() throws {
        let text = "http://C\nb=http://d\na=http://A:80/\nhttps://e:1\nhttp://e:1\n"
        let (_, faults) = try Self.read(text, as: "p", list: "http://a,b=http://b/")
        #expect(
            faults == [
                "p:2: NOVA_FED_PEERS_FILE='b=http://d': "
                    + "has the same name as peer 'b' (http://b:80, environment); "
                    + "give each a name of its own",
                "p:3: NOVA_FED_PEERS_FILE='a=http://A:80/': "
                    + "has the same URL as peer 'a:80' (http://a:80, environment); "
                    + "remove one of them",
                "p:5: NOVA_FED_PEERS_FILE='http://e:1': has the same name as peer 'e:1' "
                    + "(https://e:1, p:4); give each a name of its own",
            ]
        )
        let union = try Self.read("http://c", as: "p", list: "http://a,, b=http://b/ ,")
        #expect(union.peers == ["a:80 http://a:80", "b http://b:80", "c:80 http://c:80"])
    }

    @Test
    func `at most 100,000 peers are allowed`() throws {
        let most = PeerList.maximumPeers
        let lines = (0...most).map { "http://10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255):8100\n" }
        let full = try Self.read(lines[..<most].joined(), as: "p")
        #expect(full.peers.count == most)
        let over = try Self.read(lines.joined(), as: "p")
        #expect(
            over.faults.first
                == "p:100001: NOVA_FED_PEERS_FILE: too many peers; allowed: at most 100000"
        )
    }

    @Test
    func `a file_sd file can list 100,000 peers`() throws {
        let groups = (0..<PeerList.maximumPeers / 10)
            .map { group in
                let targets = (0..<10).map { "\"10.\(group >> 8).\(group & 255).\($0):8100\"" }
                return #"{"targets": [\#(targets.joined(separator: ", "))]}"#
            }
        let text = "[\n" + groups.joined(separator: ",\n") + "\n]\n"
        let file = PeersFile(parsing: Array(text.utf8), path: "p.json")
        #expect(file.faults.isEmpty)
        #expect(PeerList(file.items).peers.count == PeerList.maximumPeers)
    }

    @Test
    func `of 100,000 invalid lines, twenty are reported and the rest is counted`() throws {
        let bad = try Self.read(String(repeating: "junk\n", count: 100_000), as: "p")
        #expect(bad.faults.count == SettingFaults.maximumPerKey + 1)
        #expect(bad.faults.last == "NOVA_FED_PEERS_FILE: and 99980 more faults")
    }

    @Test
    func `a missing file is a fault of NOVA_FED_PEERS_FILE`() {
        let faults = SettingsTests.faults(["NOVA_FED_PEERS_FILE": "/nowhere"])
        #expect(
            faults == [
                "environment: NOVA_FED_PEERS_FILE='/nowhere': "
                    + "cannot be read: No such file or directory"
            ]
        )
    }
}
