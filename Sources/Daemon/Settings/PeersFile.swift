import Federation
import YAMLReader

/// A file of peers: one item a line, or Prometheus' file_sd in JSON or YAML by the file's ending.
///
/// Of a file_sd group, each target `host:port` becomes `http://host:port`, or what the label
/// `__scheme__` says instead of http; the label `name` names the peer of a group with one target.
/// Other labels are Prometheus' business (`__metrics_path__` is where metrics are, not summaries).
struct PeersFile: Sendable {
    /// The largest file that is read: 100,000 peers of 300 bytes.
    static let maximumBytes = 32 << 20
    /// The setting that names the file.
    static let key = "NOVA_FED_PEERS_FILE"

    private(set) var items: [PeerItem] = []
    private(set) var faults = SettingFaults()
    private let path: String

    init(parsing bytes: [UInt8], path: String) {
        self.path = path
        let ending = path.split(separator: ".").last?.lowercased()
        if ending == "json" || ending == "yml" || ending == "yaml" {
            readGroups(bytes)
        } else {
            readLines(bytes)
        }
    }

    /// One `URL` or `name=URL` a line; blank lines and lines that start with `#` are passed over.
    private mutating func readLines(_ bytes: [UInt8]) {
        for (line, text) in TextLines(bytes) {
            guard let text else {
                report("the line is not UTF-8", line: line)
                continue
            }
            let item = text.trimmingBlanks
            if item.isEmpty || item.hasPrefix("#") { continue }
            add(String(item), line: line)
        }
    }

    /// Reads a list of groups; JSON is read as the YAML that it is, which gives faults their lines.
    private mutating func readGroups(_ bytes: [UInt8]) {
        do throws(YAMLFault) {
            guard let root = try YAMLNode.document(bytes) else { return }
            guard let groups = root.sequence else {
                return report("is not a list of target groups", line: root.line)
            }
            for group in groups {
                guard items.count + faults.count <= PeerList.maximumPeers else { return }
                readGroup(group)
            }
        } catch {
            report(error.reason, line: error.line)
        }
    }

    private mutating func readGroup(_ group: YAMLNode) {
        guard let targets = group["targets"]?.sequence else {
            return report("is not a group with a list of targets", line: group.line)
        }
        for (key, _) in group.mapping ?? [] where key.text != "targets" && key.text != "labels" {
            report("'\(key.text ?? "?")' is not allowed in a group", line: key.line)
        }
        let labels = group["labels"]
        let scheme = labels?["__scheme__"]?.text ?? "http"
        let name = targets.count == 1 ? labels?["name"]?.text.map { "\($0)=" } : nil
        for target in targets {
            guard let place = target.text, !place.contains("/") else {
                report("a target is host:port; its scheme goes to __scheme__", line: target.line)
                continue
            }
            add("\(name ?? "")\(scheme)://\(place)", line: target.line)
        }
    }

    private mutating func add(_ text: String, line: Int) {
        items.append(PeerItem(text: text, key: Self.key, origin: .file(path, line: line)))
    }

    private mutating func report(_ reason: String, line: Int) {
        faults.report(
            SettingFault(key: Self.key, reason: reason, origin: .file(path, line: line))
        )
    }
}
