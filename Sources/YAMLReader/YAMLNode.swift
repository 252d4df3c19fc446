/// A node of a YAML document: a scalar, a sequence or a mapping; tags are ignored.
package struct YAMLNode: Sendable {
    package typealias Pair = (key: YAMLNode, value: YAMLNode)

    package enum Content: Sendable {
        case scalar(String)
        case sequence([YAMLNode])
        /// In the order of the file, merged pairs last; scalar keys are unique.
        case mapping([Pair])
    }

    package var content: Content
    /// `line` in 32 bits, because there may be millions of nodes.
    private var startLine: UInt32
    /// Whether it is a scalar without quotes and tag.
    private var isPlain: Bool

    init(content: Content, line: Int, isPlain: Bool) {
        self.content = content
        startLine = UInt32(clamping: line)
        self.isPlain = isPlain
    }

    /// The line on which it starts, from 1; for an alias, the line of the anchored node.
    package var line: Int { Int(startLine) }

    /// Whether it is null in YAML 1.1: `null`, `~` or nothing, without quotes.
    package var isNull: Bool {
        guard isPlain, let text else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The text of a scalar, including `~`, `1.0` and `yes`.
    package var text: String? {
        if case .scalar(let text) = content { text } else { nil }
    }

    package var sequence: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    package var mapping: [Pair]? {
        if case .mapping(let pairs) = content { pairs } else { nil }
    }

    /// The value of a key of a mapping.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.text == key }?.value
    }

    /// Reads the only document in `bytes`; returns nil if they are empty.
    ///
    /// A byte order mark at the start is skipped. Merge keys (`<<`) are resolved.
    package static func document(_ bytes: [UInt8]) throws(YAMLFault) -> YAMLNode? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return try unsafe bytes.withUnsafeBufferPointer { all throws(YAMLFault) in
            let text = unsafe bytes.starts(with: mark) ? all.extracting(mark.count...) : all
            var composer = unsafe Composer(EventStream(reading: text))
            return try composer.document()
        }
    }
}

/// Why a file cannot be read as YAML.
package struct YAMLFault: Error, Hashable, Sendable {
    /// A phrase after the file's name, such as `is not YAML: did not find expected ',' or ']'`.
    package var reason: String
    /// From 1; 0 = unknown.
    package var line: Int
}
