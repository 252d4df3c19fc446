import Federation
import JSON
import YAMLReader

/// A file of peers: one item a line, or Prometheus' file_sd in JSON or YAML by the file's ending.
///
/// Each target `host:port` of a file_sd group becomes `http://host:port`, or has the scheme of the
/// label `__scheme__`. The label `name` names the peer of a group with one target. Other labels are
/// for Prometheus (`__metrics_path__` is where metrics are, not summaries).
struct PeersFile: Sendable {
    /// The largest file that is read: 100,000 peers of 300 bytes.
    static let maximumBytes = 32 << 20
    /// The most entries that are read; more than peers, as entries may repeat.
    static let maximumItems = 4 * PeerList.maximumPeers
    /// The setting that names the file.
    static let key = "NOVA_FED_PEERS_FILE"

    private(set) var items: [PeerItem] = []
    private(set) var faults = SettingFaults()
    /// Whether `[]` states, in any format, that there are no peers.
    private(set) var statesNone = false
    /// Whether the last item is on a last line without a line feed, and so may be cut off.
    private var endsWithinItem = false
    /// Whether it is YAML in block style without a line feed at its end, and so may be cut off.
    private(set) var isUnfinishedYAML = false
    private let path: String

    /// Whether it lists no peers and does not state so: a full disk leaves an empty file, a
    /// template without results leaves groups without targets.
    var isVoid: Bool { items.isEmpty && !statesNone }

    init(parsing bytes: [UInt8], path: String) {
        self.path = path
        let ending = path.split(separator: ".").last?.lowercased()
        switch ending {
        case "json", "yml", "yaml":
            if bytes.allSatisfy(Self.isWhite) {
                report("is empty; write [] for a list without peers", line: 1)
            } else if ending == "json" {
                readJSON(bytes)
            } else {
                readYAML(bytes)
            }
        default: readLines(bytes)
        }
        guard bytes.last != UInt8(ascii: "\n") else { return }
        switch ending {
        case "json": break
        case "yml", "yaml":
            // A list in brackets is not valid until it is whole.
            isUnfinishedYAML = bytes.first { !Self.isWhite($0) } != UInt8(ascii: "[")
        default:
            guard case .file(_, let line) = items.last?.origin else { return }
            endsWithinItem = line == bytes.count { $0 == UInt8(ascii: "\n") } + 1
        }
    }

    /// Of peers that the file no longer lists, one that its last, unfinished line is a part of.
    func peerCutOff(of removed: [Peer]) -> Peer? {
        guard endsWithinItem, let last = items.last?.text else { return nil }
        return Self.peer(cutOffTo: last, of: removed)
    }

    /// Of some peers, one of which `last`, the last item of a list, may be the beginning.
    static func peer(cutOffTo last: String, of removed: [Peer]) -> Peer? {
        let start = last.firstRange(of: "://")?.lowerBound ?? last.startIndex
        let equals = last[..<start].firstIndex(of: "=").map { last.index(after: $0) }
        let url = last[(equals ?? last.startIndex)...].lowercased()
        return removed.first { $0.url.lowercased().hasPrefix(url) }
    }

    private static func isWhite(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || 0x09...0x0D ~= byte
    }

    /// One `URL` or `name=URL` a line; blank lines and lines that start with `#` are skipped.
    ///
    /// A line `[]` states that there are no peers.
    private mutating func readLines(_ bytes: [UInt8]) {
        var emptyList: Int?
        for (line, text) in TextLines(bytes) {
            guard hasRoom(at: line) else { return }
            let item = text?.trimmingBlanks
            if let item, item.isEmpty || item.hasPrefix("#") { continue }
            if text == nil {
                report("the line is not UTF-8", line: line)
            } else if item == "[]" {
                emptyList = line
            } else if let item {
                add(String(item), line: line)
            }
        }
        statesNone = emptyList != nil
        if let emptyList, !items.isEmpty {
            report("[] stands for no peers, but there are others in the file", line: emptyList)
        }
    }

    private mutating func readJSON(_ bytes: [UInt8]) {
        var walk = JSONWalk(bytes)
        do throws(JSONFault) {
            guard try walk.kind() == .array else { return reportNoList(line: walk.line) }
            try walk.enter()
            var isFirst = true
            while try walk.nextItem(isFirst: isFirst) {
                isFirst = false
                guard hasRoom(at: walk.line) else { return }
                read(try TargetGroup(&walk))
            }
            try walk.end()
            statesNone = isFirst
        } catch {
            report("is not JSON: \(error.rule.rawValue)", line: walk.line(at: error.offset))
        }
    }

    private mutating func readYAML(_ bytes: [UInt8]) {
        do throws(YAMLFault) {
            guard let root = try YAMLNode.document(bytes) else { return }
            guard let groups = root.sequence else { return reportNoList(line: root.line) }
            statesNone = groups.isEmpty
            for group in groups {
                guard hasRoom(at: group.line) else { return }
                read(TargetGroup(group))
            }
        } catch {
            report(error.reason, line: error.line)
        }
    }

    private mutating func reportNoList(line: Int) {
        report("is not a list of target groups", line: line)
    }

    private mutating func read(_ group: TargetGroup) {
        guard let targets = group.targets else {
            return report("is not a group with a list of targets", line: group.line)
        }
        for problem in group.problems { report(problem.reason, line: problem.line) }
        let scheme = group.label("__scheme__")
        if let scheme, Peer.Scheme(rawValue: scheme.text.lowercased()) == nil {
            return refuse("__scheme__", scheme, allowed: "http, https")
        }
        let name = targets.count == 1 ? group.label("name") : nil
        if let name, !Peer.isName(name.text) {
            return refuse("name", name, allowed: "1 to 64 of A-Z a-z 0-9 . _ -")
        }
        for target in targets {
            guard hasRoom(at: target.line) else { return }
            guard let place = target.text, !place.contains("/") else {
                report("a target is host:port; its scheme goes to __scheme__", line: target.line)
                continue
            }
            let prefix = name.map { "\($0.text)=" } ?? ""
            add("\(prefix)\(scheme?.text ?? "http")://\(place)", line: target.line)
        }
    }

    /// Whether one more entry may be read; reports the first that may not.
    private mutating func hasRoom(at line: Int) -> Bool {
        if items.count >= Self.maximumItems {
            report("has more than \(Self.maximumItems) entries", line: line)
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
        allowed: String
    ) {
        let reason = "the label '\(label)' is invalid; allowed: \(allowed)"
        report(reason, value: value.text, line: value.line)
    }

    private mutating func report(_ reason: String, value: String? = nil, line: Int) {
        let origin = ValueOrigin.file(path, line: line)
        faults.report(
            SettingFault(key: Self.key, value: value, reason: reason, origin: origin)
        )
    }
}
