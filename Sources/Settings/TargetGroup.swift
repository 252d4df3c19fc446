internal import Federation
internal import JSON
internal import YAMLReader

/// A target group of Prometheus file_sd, read from JSON or YAML.
struct TargetGroup: Sendable {
    /// A value and its line, from 1.
    struct Part: Sendable {
        /// nil if it is not a string.
        var text: String?
        var line: Int
    }

    /// The position of the group in the file, from 1.
    let number: Int
    var line: Int
    /// nil if the group has no list of targets.
    var targets: [Part]?
    /// Only labels in `read`.
    private var labels: [String: Part] = [:]
    /// The invalid parts of the group.
    private(set) var problems: [(reason: String, line: Int)] = []

    /// The labels that are used; all others are for Prometheus.
    private static let read: Set = ["name", "__scheme__"]
    /// The maximum number of labels of a group.
    private static let maximumLabels = 1_000

    /// Identifies the group at the end of a fault, because the whole file may be one line.
    var place: String {
        guard let text = targets?.first?.text else { return " (group \(number))" }
        return " (group \(number), first target '\(text.shown)')"
    }

    /// Identifies a target, from 1, at the end of a fault.
    func place(ofTarget position: Int) -> String {
        let text = targets?[position - 1].text.map { " '\($0.shown)'" } ?? ""
        return " (group \(number), target \(position)\(text))"
    }

    /// The value of a label; nil if it is absent, null or empty, as in Prometheus.
    func label(_ name: String) -> (text: String, line: Int)? {
        guard let part = labels[name], let text = part.text, !text.isEmpty else { return nil }
        return (text, part.line)
    }

    /// A warning, without the path of the file, about a name for several targets.
    var ignoredName: String? {
        guard let targets, targets.count > 1, let name = label("name") else { return nil }
        return "\(name.line): \(PeersFile.key): the label 'name' is ignored, because its group has "
            + "\(targets.count) targets; give each named peer a group of its own\(place)"
    }

    private mutating func add(_ name: String, _ value: Part) {
        if Self.read.contains(name) { labels[name] = value }
        if value.text == nil { report("the label '\(name)' is not a string", line: value.line) }
    }

    private mutating func refuseLabels(line: Int) {
        report("'labels' is not a mapping from label to text; allowed: {} for none", line: line)
    }

    private mutating func refuseKey(_ key: String, line: Int) {
        report("'\(key)' is not allowed in a group; allowed: targets, labels", line: line)
    }

    private mutating func report(_ reason: String, line: Int) {
        problems.append((reason, line))
    }
}

extension TargetGroup {
    init(_ node: YAMLNode, number: Int) {
        self.number = number
        line = node.line
        for (key, value) in node.mapping ?? [] {
            switch key.text {
            case "targets": targets = value.sequence?.map(Self.part)
            case "labels": readLabels(value)
            case let name: refuseKey(name ?? "?", line: key.line)
            }
        }
    }

    private static func part(_ node: YAMLNode) -> Part {
        Part(text: node.isNull ? nil : node.text, line: node.line)
    }

    /// Whether nothing follows the colon, as in a truncated file.
    private static func isMissing(_ node: YAMLNode) -> Bool { node.isNull && node.text == "" }

    private mutating func readLabels(_ node: YAMLNode) {
        guard let pairs = node.mapping else {
            if !node.isNull || Self.isMissing(node) { refuseLabels(line: node.line) }
            return
        }
        for (key, value) in pairs {
            guard let name = key.text else {
                refuseLabels(line: key.line)
                continue
            }
            if Self.isMissing(value), Self.read.contains(name) {
                let reason = "the label '\(name)' has no value; write null if that is intended"
                report(reason, line: value.line)
            } else if !value.isNull {
                add(name, Self.part(value))
            }
        }
    }
}

extension TargetGroup {
    /// Reads the next JSON value.
    init(_ walk: inout JSONWalk, number: Int) throws(JSONFault) {
        self.number = number
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
            // One more than allowed is enough to report the fault.
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
            if try walk.kind() == .null {
                try walk.skip()
            } else {
                add(name, try Self.part(&walk))
            }
        }
        if let excess {
            report("has more labels than allowed: at most \(Self.maximumLabels)", line: excess)
        }
    }

    private static func part(_ walk: inout JSONWalk) throws(JSONFault) -> Part {
        let line = walk.line
        if try walk.kind() == .string { return Part(text: try walk.string(), line: line) }
        try walk.skip()
        return Part(text: nil, line: line)
    }

    private mutating func expectFirst(_ key: String, _ seen: inout Set<String>, line: Int) {
        if !seen.insert(key).inserted { report("has the key '\(key)' twice", line: line) }
    }
}
