import Federation
import JSON
import YAMLReader

/// A target group of Prometheus' file_sd, as JSON or YAML gave it.
struct TargetGroup: Sendable {
    /// A value and its line, from 1.
    struct Part: Sendable {
        /// nil if it is not a text.
        var text: String?
        var line: Int
    }

    /// Something that does not belong into a group.
    struct Problem: Sendable {
        var reason: String
        var line: Int
    }

    var line: Int
    /// nil without a list of targets.
    var targets: [Part]?
    /// The labels that are read, of `read`.
    private var labels: [String: Part] = [:]
    var problems: [Problem] = []

    /// The labels that this service reads; the others are for Prometheus.
    private static let read: Set = ["name", "__scheme__"]
    /// The most labels that a group may have.
    private static let maximumLabels = 1_000

    /// The value of a label; nil if it is absent or empty, which Prometheus treats alike.
    func label(_ name: String) -> (text: String, line: Int)? {
        guard let part = labels[name], let text = part.text, !text.isEmpty else { return nil }
        return (text, part.line)
    }

    private mutating func add(_ name: String, _ value: Part) {
        if Self.read.contains(name) { labels[name] = value }
        guard value.text == nil else { return }
        problems.append(Problem(reason: "the label '\(name)' is not a text", line: value.line))
    }

    private mutating func refuseLabels(line: Int) {
        let reason = "'labels' is not a mapping from label to text; allowed: {} for none"
        problems.append(Problem(reason: reason, line: line))
    }

    private mutating func refuseKey(_ key: String, line: Int) {
        problems.append(Problem(reason: "'\(key)' is not allowed in a group", line: line))
    }
}

extension TargetGroup {
    /// Words of YAML for no value.
    private static let nulls: Set = ["~", "null", "Null", "NULL"]

    init(_ node: YAMLNode) {
        line = node.line
        for (key, value) in node.mapping ?? [] {
            switch key.text {
            case "targets": targets = value.sequence?.map { Part(text: $0.text, line: $0.line) }
            case "labels": readLabels(value)
            case let name?: refuseKey(name, line: key.line)
            case nil: refuseKey("?", line: key.line)
            }
        }
    }

    private mutating func readLabels(_ node: YAMLNode) {
        guard let pairs = node.mapping else {
            // A value that is missing altogether may be where a file was cut.
            if !Self.nulls.contains(node.text ?? "") { refuseLabels(line: node.line) }
            return
        }
        for (key, value) in pairs {
            guard let name = key.text else {
                refuseLabels(line: key.line)
                continue
            }
            add(name, Part(text: value.text, line: value.line))
        }
    }
}

extension TargetGroup {
    /// Reads the value that is next.
    init(_ walk: inout JSONWalk) throws(JSONFault) {
        line = walk.line
        guard try walk.kind() == .object else {
            try walk.skip()
            return
        }
        try walk.enter()
        var seen: Set<String> = []
        while let key = try walk.nextKey(isFirst: seen.isEmpty) {
            expectFirst(key, &seen, line: walk.line)
            switch key {
            case "targets": targets = try Self.targets(&walk)
            case "labels": try readLabels(&walk)
            default:
                refuseKey(key, line: walk.line)
                try walk.skip()
            }
        }
    }

    private static func targets(_ walk: inout JSONWalk) throws(JSONFault) -> [Part]? {
        guard try walk.kind() == .array else {
            try walk.skip()
            return nil
        }
        try walk.enter()
        var targets: [Part] = []
        while try walk.nextItem(isFirst: targets.isEmpty) {
            // One more than may be listed is enough to refuse them all.
            if targets.count > PeersFile.maximumItems {
                try walk.skip()
            } else {
                targets.append(try part(&walk))
            }
        }
        return targets
    }

    private mutating func readLabels(_ walk: inout JSONWalk) throws(JSONFault) {
        let kind = try walk.kind()
        guard kind == .object else {
            if kind != .null { refuseLabels(line: walk.line) }
            return try walk.skip()
        }
        try walk.enter()
        var seen: Set<String> = []
        var excess: Int?
        while let name = try walk.nextKey(isFirst: seen.isEmpty) {
            guard seen.count < Self.maximumLabels else {
                excess = walk.line
                try walk.skip()
                continue
            }
            expectFirst(name, &seen, line: walk.line)
            add(name, try Self.part(&walk))
        }
        guard let excess else { return }
        let reason = "has more than \(Self.maximumLabels) labels"
        problems.append(Problem(reason: reason, line: excess))
    }

    private static func part(_ walk: inout JSONWalk) throws(JSONFault) -> Part {
        let line = walk.line
        if try walk.kind() == .string { return Part(text: try walk.string(), line: line) }
        try walk.skip()
        return Part(text: nil, line: line)
    }

    private mutating func expectFirst(_ key: String, _ seen: inout Set<String>, line: Int) {
        guard !seen.insert(key).inserted else { return }
        problems.append(Problem(reason: "has the key '\(key)' twice", line: line))
    }
}
