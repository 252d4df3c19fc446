import Federation
import Testing

@testable import Daemon

/// Peers from the list and from files in three formats, and their union.
struct PeersFileTests {
    /// The peers and the faults of a file of this name.
    static func read(
        _ text: String,
        as name: String,
        list: String = ""
    ) throws -> (peers: [String], faults: [String]) {
        let scratch = try Scratch()
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
    func `three formats say the same`(name: String, text: String) throws {
        let (peers, faults) = try Self.read(text, as: name)
        let east =
            name == "peers.txt" ? "east https://[::1]:8100/nova" : "east2 https://[::1]:8100"
        #expect(faults.isEmpty)
        #expect(peers == ["10.0.0.1:8100 http://10.0.0.1:8100", east, "h:80 http://h:80"])
    }

    @Test
    func `the name of a group with several targets names none of them`() throws {
        let text = "- targets: [a, b]\n  labels: {name: both}\n"
        #expect(try Self.read(text, as: "p.yml").peers == ["a:80 http://a:80", "b:80 http://b:80"])
    }

    @Test
    func `labels may stand behind an anchor, for several groups`() throws {
        let text = """
            - {targets: [a], labels: &secure {__scheme__: https}}
            - {targets: [b], labels: *secure}
            """
        let (peers, faults) = try Self.read(text, as: "p.yml")
        #expect(faults.isEmpty)
        #expect(peers == ["a:443 https://a:443", "b:443 https://b:443"])
    }

    @Test
    func `one bad group behind a great many aliases is told in passing`() {
        let bad = "[" + String(repeating: "a/,", count: 900) + "]"
        let text = "- &g {targets: \(bad)}\n" + String(repeating: "- *g\n", count: 1_000_000)
        let file = PeersFile(parsing: Array(text.utf8), path: "p.yml")
        #expect(file.faults.count > PeerList.maximumPeers)
        #expect(file.faults.count < PeerList.maximumPeers + 1_000)
    }

    @Test
    func `an empty file of any format has no peers`() throws {
        for name in ["p.txt", "p.yml"] {
            let (peers, faults) = try Self.read("# none\n", as: name)
            #expect(peers.isEmpty && faults.isEmpty)
        }
        #expect(try Self.read("[]", as: "p.json").faults.isEmpty)
    }

    @Test(
        arguments: [
            (
                "p.txt", "http://a\nb\n",
                "p.txt:2: NOVA_FED_PEERS_FILE='b': has no scheme; did you mean http://b?"
            ),
            (
                "p.txt", "http://a, http://b",
                "p.txt:1: NOVA_FED_PEERS_FILE='http://a, http://b': has a blank inside"
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
                "p.yml:1: NOVA_FED_PEERS_FILE='ftp://a': has the scheme 'ftp'; allowed: http, https"
            ),
            (
                "p.yml", "- targets: [a:0]",
                "p.yml:1: NOVA_FED_PEERS_FILE='http://a:0': has the port '0'; allowed: 1 to 65535"
            ),
            (
                "p.yml", "- targets: [}",
                "p.yml:1: NOVA_FED_PEERS_FILE: is not YAML: did not find expected node content"
            ),
            (
                "p.json", "[{\"targets\": [\"a\"]},\n{\"targets\": [\"b\"}]",
                "p.json:2: NOVA_FED_PEERS_FILE: is not YAML: did not find expected ',' or ']'"
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
                "p.yml:2: NOVA_FED_PEERS_FILE: has a second document"
            ),
            (
                "p.yml", "- targets: [a]\n  ? [labels]\n  : {}\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: '?' is not allowed in a group"
            ),
            (
                "p.yml", "&a [\n*a]",
                "p.yml:2: NOVA_FED_PEERS_FILE: has no anchor for *a before it"
            ),
            (
                "p.yml", "- targets:\n  - [a]\n",
                "p.yml:2: NOVA_FED_PEERS_FILE: a target is host:port; its scheme goes to __scheme__"
            ),
        ]
    )
    func `a fault has the line at which it stands`(
        name: String,
        text: String,
        fault: String
    ) throws {
        let (_, faults) = try Self.read(text, as: name)
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix(fault) == true, "\(faults)")
    }

    @Test
    func `list and file are one, and two peers with one URL or one label name each other`() throws {
        let text = "http://C\nb=http://d\nhttp://A:80/\nhttps://e:1\nhttp://e:1\n"
        let (_, faults) = try Self.read(text, as: "p", list: "http://a,b=http://b/")
        #expect(
            faults == [
                "p:2: NOVA_FED_PEERS_FILE='b=http://d': "
                    + "has the label of b (http://b:80, environment)",
                "p:3: NOVA_FED_PEERS_FILE='http://A:80/': "
                    + "has the URL of a:80 (http://a:80, environment)",
                "p:5: NOVA_FED_PEERS_FILE='http://e:1': has the label of e:1 (https://e:1, p:4)",
            ]
        )
        let union = try Self.read("http://c", as: "p", list: "http://a,, b=http://b/ ,")
        #expect(union.peers == ["a:80 http://a:80", "b http://b:80", "c:80 http://c:80"])
    }

    @Test
    func `a hundred thousand peers are the most`() throws {
        let most = PeerList.maximumPeers
        let lines = (0...most).map { "http://10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255):8100\n" }
        let full = try Self.read(lines[..<most].joined(), as: "p")
        #expect(full.peers.count == most)
        let over = try Self.read(lines.joined(), as: "p")
        #expect(over.faults.first == "p:100001: NOVA_FED_PEERS_FILE: more than 100000 peers")
    }

    @Test
    func `as many peers can come from file_sd`() throws {
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
    func `of a hundred thousand bad lines, twenty are told and the rest is counted`() throws {
        let bad = try Self.read(String(repeating: "junk\n", count: 100_000), as: "p")
        #expect(bad.faults.count == SettingFaults.maximumPerKey + 1)
        #expect(bad.faults.last == "NOVA_FED_PEERS_FILE: and 99980 more faults")
    }

    @Test
    func `a file that is not there is a fault of the setting that names it`() {
        let faults = SettingsTests.faults(["NOVA_FED_PEERS_FILE": "/nowhere"])
        #expect(
            faults == [
                "environment: NOVA_FED_PEERS_FILE='/nowhere': "
                    + "cannot be read: No such file or directory"
            ]
        )
    }
}
