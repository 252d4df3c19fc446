internal import Federation
internal import JSON
internal import YAMLReader

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

    /// Its place in the file, from 1.
    let number: Int
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

    /// Which group it is, as the end of a fault: all of the file may be one line.
    var place: String {
        guard let text = targets?.first?.text else { return " (group \(number))" }
        return " (group \(number), first target '\(SettingFault.shown(text))')"
    }

    /// Which target it is, from 1, as the end of a fault.
    func place(ofTarget position: Int) -> String {
        let text = targets?[position - 1].text.map { " '\(SettingFault.shown($0))'" } ?? ""
        return " (group \(number), target \(position)\(text))"
    }

    /// The value of a label; nil if it is absent, null or empty, which Prometheus treats alike.
    func label(_ name: String) -> (text: String, line: Int)? {
        guard let part = labels[name], let text = part.text, !text.isEmpty else { return nil }
        return (text, part.line)
    }

    /// A warning, after the path of the file, of a name that would be that of several peers.
    var ignoredName: String? {
        guard let targets, targets.count > 1, let name = label("name") else { return nil }
        return "\(name.line): \(PeersFile.key): the label 'name' is ignored, because its group has "
            + "\(targets.count) targets; give each named peer a group of its own\(place)"
    }

    private mutating func add(_ name: String, _ value: Part) {
        if Self.read.contains(name) { labels[name] = value }
        guard value.text == nil else { return }
        let reason = "the label '\(name)' is not a string"
        problems.append(Problem(reason: reason, line: value.line))
    }

    private mutating func refuseLabels(line: Int) {
        let reason = "'labels' is not a mapping from label to text; allowed: {} for none"
        problems.append(Problem(reason: reason, line: line))
    }

    private mutating func refuseKey(_ key: String, line: Int) {
        let reason = "'\(key)' is not allowed in a group; allowed: targets, labels"
        problems.append(Problem(reason: reason, line: line))
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
            case let name?: refuseKey(name, line: key.line)
            case nil: refuseKey("?", line: key.line)
            }
        }
    }

    private static func part(_ node: YAMLNode) -> Part {
        Part(text: node.isNull ? nil : node.text, line: node.line)
    }

    /// Whether there is nothing behind a colon, as where a file was cut off.
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
                problems.append(Problem(reason: reason, line: value.line))
            } else if !value.isNull {
                add(name, Self.part(value))
            }
        }
    }
}

extension TargetGroup {
    /// Reads the value that is next.
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
            if try walk.kind() == .null {
                try walk.skip()
            } else {
                add(name, try Self.part(&walk))
            }
        }
        guard let excess else { return }
        let reason = "has more labels than allowed: at most \(Self.maximumLabels)"
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
