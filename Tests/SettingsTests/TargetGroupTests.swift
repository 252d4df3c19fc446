import Testing

@testable import Settings

/// Labels and targets of a file_sd group, and the group that a fault names.
struct TargetGroupTests {
    private static func read(
        _ text: String,
        as name: String
    ) throws -> (
        peers: [String], faults: [String]
    ) {
        try PeersFileTests.read(text, as: name)
    }

    @Test(arguments: ["null", "~", "Null", "NULL", "''", "\"\""])
    func `in YAML a null or empty label counts as absent, and so do null labels`(
        null: String
    ) throws {
        let labels = ["{name: \(null), __scheme__: \(null), site: \(null)}"]
        for labels in labels + (null.contains("l") || null == "~" ? [null] : []) {
            let text = "- targets: [a]\n  labels: \(labels)\n"
            let (peers, faults) = try Self.read(text, as: "p.yml")
            #expect(faults == [] && peers == ["a:80 http://a:80"], "\(text)")
        }
    }

    @Test(arguments: ["null", "{\"name\": null, \"__scheme__\": null, \"site\": null}", "{}"])
    func `in JSON a null label counts as absent, and so do null labels`(labels: String) throws {
        let text = "[{\"targets\": [\"a\"], \"labels\": \(labels)}]"
        let (peers, faults) = try Self.read(text, as: "p.json")
        #expect(faults == [] && peers == ["a:80 http://a:80"])
    }

    @Test func `a quoted or tagged null is text`() throws {
        for null in ["'null'", "\"null\"", "!!str null"] {
            let text = "- targets: [a]\n  labels: {name: \(null)}\n"
            #expect(try Self.read(text, as: "p.yml").peers == ["null http://a:80"])
        }
    }

    @Test(arguments: ["name", "__scheme__"])
    func `nothing after the colon of labels or of a used label is a fault`(
        label: String
    ) throws {
        let text = "- targets: [a]\n  labels:\n    site:\n    \(label):\n"
        let expected =
            "p.yml:4: NOVA_FED_PEERS_FILE: the label '\(label)' has no value; write null if that "
            + "is intended (group 1, first target 'a')"
        #expect(try Self.read(text, as: "p.yml").faults.first == expected)
    }

    @Test(
        arguments: [
            ("{\"targets\": [\"a\", null]}", "__scheme__ (group 2, target 2)"),
            ("{\"targets\": [\"a\", \"http://b\"]}", "(group 2, target 2 'http://b')"),
            ("{\"targets\": [\"a\"], \"labels\": []}", "(group 2, first target 'a')"),
            ("{\"labels\": {\"n\": 1}, \"targets\": [\"a\"]}", "(group 2, first target 'a')"),
            (
                "{\"targets\": [\"a\"], \"labels\": {\"name\": \"x y\"}}",
                "(group 2, first target 'a')"
            ),
            (
                "{\"targets\": [\"a\"], \"labels\": {\"__scheme__\": \"ftp\"}}",
                "(group 2, first target 'a')"
            ),
            ("{\"targets\": [\"a\"], \"x\": 1}", "(group 2, first target 'a')"),
            ("{\"targets\": 1}", "(group 2)"), ("1", "(group 2)"),
            ("{\"targets\": [\"b\", \"a:0\"]}", "'http://a:0': has an invalid port"),
            ("{\"targets\": [\"z\"], \"labels\": {\"name\": \"n\"}}", "'n=http://z': has"),
            ("{\"targets\": [\"a\"]", "(byte 39, group 2)"),
        ]
    )
    func `a fault in a file of one line names the group or the target`(
        group: String,
        place: String
    ) throws {
        let text = "[{\"targets\": [\"z\"]}, \(group)]"
        let faults = try Self.read(text, as: "p.json").faults
        #expect(faults.count == 1)
        #expect(faults.first?.contains(place) == true, "\(faults)")
    }

    @Test
    func `the name of a group with several targets is ignored with a warning`() throws {
        let text = "- targets: [a, b]\n  labels: {name: both}\n"
        #expect(try Self.read(text, as: "p.yml").peers == ["a:80 http://a:80", "b:80 http://b:80"])
        let file = PeersFile(parsing: Array(text.utf8), path: "p.yml")
        #expect(
            file.warnings == [
                "p.yml:2: NOVA_FED_PEERS_FILE: the label 'name' is ignored, because its group has "
                    + "2 targets; give each named peer a group of its own (group 1, first target "
                    + "'a')"
            ]
        )
        let many = String(repeating: text, count: 30)
        let warnings = PeersFile(parsing: Array(many.utf8), path: "p.yml").warnings
        #expect(warnings.count == 21 && warnings.last == "p.yml: 10 more names are ignored")
    }

    @Test func `a null target is a fault`() throws {
        for targets in ["[~]", "[null]", "\n  -\n"] {
            let faults = try Self.read("- targets: \(targets)\n", as: "p.yml").faults
            #expect(faults.first?.contains("a target is host:port") == true, "\(faults)")
        }
    }
}
