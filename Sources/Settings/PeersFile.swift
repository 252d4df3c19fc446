internal import Federation
internal import JSON
internal import YAMLReader

/// A file of peers: one per line, or Prometheus file_sd as JSON or YAML, by the file's extension.
///
/// A target `host:port` of a file_sd group becomes `http://host:port`; the label `__scheme__`
/// replaces `http`. The label `name` names the peer of a group with one target; in a larger group
/// it is ignored with a warning. All other labels are ignored (`__metrics_path__` is the path of
/// metrics, not of summaries). A null counts as absent, as in Prometheus.
struct PeersFile: Sendable {
    /// The size limit of the file: 100,000 peers of 300 bytes.
    static let maximumBytes = 32 << 20
    /// The maximum number of entries, repeated ones included.
    static let maximumItems = 4 * PeerList.maximumPeers
    /// The setting that names the file.
    static let key = "NOVA_FED_PEERS_FILE"

    private(set) var items: [PeerItem] = []
    private(set) var faults = SettingFaults()
    /// Whether the file states with `[]` that there are no peers.
    private(set) var statesNoPeers = false
    /// Whether the last item has no line feed after it, and so may be truncated.
    private(set) var endsWithinItem = false
    /// Whether it is block YAML without a final line feed, and so may be truncated.
    private(set) var isUnfinishedYAML = false
    let path: String
    private var ignoredNames = (count: 0, named: [String]())

    /// One warning per ignored name, up to `PeerList.maximumRepeated`.
    var warnings: [String] {
        let others = ignoredNames.count - ignoredNames.named.count
        return ignoredNames.named
            + (others > 0 ? ["\(path): \(others) more names are ignored"] : [])
    }

    /// Whether it lists no peers without stating so.
    ///
    /// A full disk leaves an empty file; a template without results leaves groups without targets.
    var isVoid: Bool { items.isEmpty && !statesNoPeers }

    init(parsing bytes: [UInt8], path: String) {
        self.path = path
        switch path.split(separator: ".").last?.lowercased() {
        case "json": readGroups(bytes, isJSON: true)
        case "yml", "yaml": readGroups(bytes, isJSON: false)
        default: readLines(bytes)
        }
    }

    /// Reads one `URL` or `name=URL` per line; skips blank lines and lines that begin with `#`.
    ///
    /// A line `[]` states that there are no peers.
    private mutating func readLines(_ bytes: [UInt8]) {
        var emptyList: Int?
        var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var line = 0
        while !rest.isEmpty {
            line += 1
            guard hasRoom(at: line) else { return }
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let isCRLF = rest[..<end].last == UInt8(ascii: "\r")
            let text = String(validating: rest[..<end].dropLast(isCRLF ? 1 : 0), as: UTF8.self)
            let item = text?.trimmingBlanks
            if item == "[]" {
                emptyList = line
            } else if let item, !item.isEmpty, !item.hasPrefix("#") {
                add(String(item), line: line)
                endsWithinItem = end == rest.endIndex
            } else if item == nil {
                report("the line is not UTF-8", line: line)
            }
            rest = rest[end...].dropFirst()
        }
        statesNoPeers = emptyList != nil
        if let emptyList, !items.isEmpty {
            report("[] means no peers, but the file lists some; remove [] or them", line: emptyList)
        }
    }

    private mutating func readGroups(_ bytes: [UInt8], isJSON: Bool) {
        guard let first = bytes.first(where: { $0 != UInt8(ascii: " ") && !(0x09...0x0D ~= $0) })
        else { return report("is empty; write [] for a list without peers", line: 1) }
        if isJSON { return readJSON(bytes) }
        readYAML(bytes)
        // A truncated list in brackets is not valid YAML.
        isUnfinishedYAML = first != UInt8(ascii: "[") && bytes.last != UInt8(ascii: "\n")
    }

    private mutating func readJSON(_ bytes: [UInt8]) {
        var walk = JSONWalk(bytes)
        var number = 0
        do throws(JSONFault) {
            guard try walk.kind() == .array else { return reportNoList(line: walk.line) }
            try walk.enter()
            while try walk.nextItem(isFirst: number == 0) {
                number += 1
                guard hasRoom(at: walk.line) else { return }
                read(try TargetGroup(&walk, number: number))
            }
            try walk.end()
            statesNoPeers = number == 0
        } catch {
            let place = "byte \(error.offset + 1)" + (number > 0 ? ", group \(number)" : "")
            let reason = "is not JSON: \(error.rule.rawValue) (\(place))"
            report(reason, line: walk.line(at: error.offset))
        }
    }

    private mutating func readYAML(_ bytes: [UInt8]) {
        do throws(YAMLFault) {
            guard let root = try YAMLNode.document(bytes) else { return }
            guard let groups = root.sequence else { return reportNoList(line: root.line) }
            statesNoPeers = groups.isEmpty
            for (index, group) in groups.enumerated() {
                guard hasRoom(at: group.line) else { return }
                read(TargetGroup(group, number: index + 1))
            }
        } catch {
            report(error.reason, line: error.line)
        }
    }

    private mutating func reportNoList(line: Int) {
        report("is not a list of target groups; write [] for a list without peers", line: line)
    }

    private mutating func read(_ group: TargetGroup) {
        guard let targets = group.targets else {
            let reason = "is not a group with a list of targets" + group.place
            return report(reason, line: group.line)
        }
        for fault in group.problems { report(fault.reason + group.place, line: fault.line) }
        let scheme = group.label("__scheme__")
        if let scheme, Peer.Scheme(rawValue: scheme.text.lowercased()) == nil {
            return refuse("__scheme__", scheme, "http, https", in: group)
        }
        if let warning = group.ignoredName {
            ignoredNames.count += 1
            if ignoredNames.count <= PeerList.maximumRepeated {
                ignoredNames.named.append("\(path):\(warning)")
            }
        }
        let name = group.ignoredName == nil ? group.label("name") : nil
        if let name, !targets.isEmpty, !Peer.isName(name.text) {
            return refuse("name", name, Peer.allowedNames, in: group)
        }
        for (index, target) in targets.enumerated() {
            guard hasRoom(at: target.line) else { return }
            guard let place = target.text, !place.contains("/") else {
                let reason = "a target is host:port; its scheme goes to __scheme__"
                report(reason + group.place(ofTarget: index + 1), line: target.line)
                continue
            }
            let prefix = name.map { "\($0.text)=" } ?? ""
            add("\(prefix)\(scheme?.text ?? "http")://\(place)", line: target.line)
        }
    }

    /// Whether another entry may be read; reports a fault for the first that may not.
    private mutating func hasRoom(at line: Int) -> Bool {
        if items.count >= Self.maximumItems {
            report("has more entries than allowed: at most \(Self.maximumItems)", line: line)
            return false
        }
        return faults.count <= PeerList.maximumPeers
    }

    private mutating func add(_ text: String, line: Int) {
        items.append(PeerItem(text: text, key: Self.key, origin: .file(path, line: line)))
    }

    private mutating func refuse(
        _ label: String,
        _ value: (text: String, line: Int),
        _ allowed: String,
        in group: TargetGroup
    ) {
        let reason = "the label '\(label)' is invalid; allowed: \(allowed)\(group.place)"
        report(reason, value: value.text, line: value.line)
    }

    private mutating func report(_ reason: String, value: String? = nil, line: Int) {
        faults.report(Self.key, value, reason, .file(path, line: line))
    }
}
