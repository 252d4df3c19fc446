/// Builds nodes from events.
///
/// It replaces libyaml's composer, which accepts an anchor inside itself, searches anchors
/// linearly, and rejects a second anchor of the same name.
struct Composer: ~Copyable {
    /// The maximum depth of a document; a list of target groups has a depth of 4.
    static let maximumDepth = 32
    /// The maximum number of nodes that an alias stands for, including nested aliases.
    ///
    /// It prevents a small file from becoming a huge or deep tree.
    static let maximumAliased = 1_000

    /// The maximum number of nodes of a document: four million take at most 400 MB.
    ///
    /// An alias adds none. Each pair that a merge copies adds one.
    static let maximumNodes = 4_000_000

    private let events: EventStream
    private var anchors: [String: (node: YAMLNode, size: Int)] = [:]
    /// The number of nodes so far, if every alias were written out.
    private var count = 0
    /// The number of nodes and copied pairs so far, limited by `maximumNodes`.
    private var made = 0

    init(_ events: consuming EventStream) {
        self.events = events
    }

    /// The only document of the stream; nil if the stream is empty.
    mutating func document() throws(YAMLFault) -> YAMLNode? {
        _ = try events.next()
        guard case .documentStart = try events.next().content else { return nil }
        let root = try node(at: events.next(), depth: 1)
        _ = try events.next()
        let last = try events.next()
        if case .documentStart = last.content {
            throw YAMLFault(reason: "contains a second document; allowed: one", line: last.line)
        }
        return root
    }

    private mutating func node(at event: Event, depth: Int) throws(YAMLFault) -> YAMLNode {
        guard depth <= Self.maximumDepth else {
            let reason = "is nested deeper than \(Self.maximumDepth) levels"
            throw YAMLFault(reason: reason, line: event.line)
        }
        try make(at: event.line)
        let before = count
        let content: YAMLNode.Content
        var isPlain = false
        switch event.content {
        case .scalar(let text, _, let plain): (content, isPlain) = (.scalar(text), plain)
        case .sequenceStart: content = .sequence(try items(depth))
        case .mappingStart: content = .mapping(try pairs(depth))
        case .alias: return try node(anchoredAs: event.anchor ?? "", line: event.line)
        case .documentStart, .end, .other: fatalError("libyaml's events must nest")
        }
        count += 1
        let node = YAMLNode(content: content, line: event.line, isPlain: isPlain)
        // Only now, so that an alias inside the node does not find its anchor.
        if let name = event.anchor { anchors[name] = (node, count - before) }
        return node
    }

    private mutating func node(anchoredAs name: String, line: Int) throws(YAMLFault) -> YAMLNode {
        guard let (node, size) = anchors[name] else {
            let reason = "uses the alias *\(name) before its anchor &\(name)"
            throw YAMLFault(reason: reason, line: line)
        }
        guard size <= Self.maximumAliased else {
            let reason = "uses the alias *\(name) for more than \(Self.maximumAliased) values"
            throw YAMLFault(reason: reason, line: line)
        }
        count += size
        return node
    }

    /// The nodes of a sequence whose start was read.
    private mutating func items(_ depth: Int) throws(YAMLFault) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while let event = try nextOrEnd() {
            items.append(try node(at: event, depth: depth + 1))
        }
        return items
    }

    /// The keys and values of a mapping whose start was read.
    private mutating func pairs(_ depth: Int) throws(YAMLFault) -> [YAMLNode.Pair] {
        var pairs: [YAMLNode.Pair] = []
        var keys: Set<String> = []
        var merged: [YAMLNode] = []
        while let event = try nextOrEnd() {
            if case .scalar(_, isMergeKey: true, _) = event.content {
                merged += try sources(of: node(at: events.next(), depth: depth + 1))
                continue
            }
            let key = try node(at: event, depth: depth + 1)
            if let text = key.text, !keys.insert(text).inserted {
                throw YAMLFault(reason: "has the key '\(text)' twice", line: event.line)
            }
            pairs.append((key, try node(at: events.next(), depth: depth + 1)))
        }
        // In YAML 1.1 the mapping's own keys take precedence, then the sources in order.
        for source in merged {
            for (key, value) in source.mapping ?? [] {
                try make(at: source.line)
                guard key.text.map({ keys.insert($0).inserted }) ?? true else { continue }
                pairs.append((key, value))
            }
        }
        return pairs
    }

    /// The mappings in the value of a merge key: a mapping, or a sequence of mappings.
    private func sources(of value: YAMLNode) throws(YAMLFault) -> [YAMLNode] {
        let sources = value.sequence ?? [value]
        for source in sources where source.mapping == nil {
            let reason = "has a merge key << whose value is not a mapping or a list of mappings"
            throw YAMLFault(reason: reason, line: value.line)
        }
        return sources
    }

    /// Counts a node, or a pair of a merged mapping.
    private mutating func make(at line: Int) throws(YAMLFault) {
        made += 1
        guard made <= Self.maximumNodes else {
            throw YAMLFault(reason: "has more than \(Self.maximumNodes) values", line: line)
        }
    }

    /// The next event; nil at the end of the sequence or mapping.
    private func nextOrEnd() throws(YAMLFault) -> Event? {
        let event = try events.next()
        if case .end = event.content { return nil }
        return event
    }
}
