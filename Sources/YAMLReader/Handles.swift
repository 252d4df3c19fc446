internal import CYAML

// This file has all pointers of this module.

/// The events of a YAML stream, read by libyaml.
///
/// It borrows the bytes, which must outlive it.
@safe struct EventStream: ~Copyable {
    private let input: UnsafeBufferPointer<UInt8>
    /// On the heap, because libyaml needs a stable address.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// Reads UTF-8 only, even if the bytes begin with another byte order mark.
    init(reading input: UnsafeBufferPointer<UInt8>) {
        unsafe self.input = input
        unsafe parser = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            fatalError("no memory for libyaml")
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// The next event; must not be called after the end of the stream or a fault.
    func next() throws(YAMLFault) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw fault }
        defer { unsafe yaml_event_delete(&event) }
        let (content, anchor) = unsafe Self.content(of: event)
        return unsafe Event(content: content, anchor: anchor, line: event.start_mark.line + 1)
    }

    private static func content(of event: yaml_event_t) -> (Event.Content, anchor: String?) {
        let data = unsafe event.data
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return (.documentStart, nil)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            let tag = unsafe name(scalar.tag)
            let isPlain = unsafe scalar.plain_implicit == 1
            let isMergeKey = text == "<<" && (tag.map { $0 == mergeTag } ?? isPlain)
            let content = Event.Content.scalar(text, isMergeKey: isMergeKey, isPlain: isPlain)
            return unsafe (content, name(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            return unsafe (.sequenceStart, name(data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT:
            return unsafe (.mappingStart, name(data.mapping_start.anchor))
        case YAML_ALIAS_EVENT: return unsafe (.alias, name(data.alias.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return (.end, nil)
        default: return (.other, nil)
        }
    }

    private static let mergeTag = "tag:yaml.org,2002:merge"

    private static func name(_ text: UnsafePointer<UInt8>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }

    /// The message and the line of libyaml's error.
    private var fault: YAMLFault {
        let state = unsafe parser.pointee
        guard let problem = unsafe state.problem else {
            return YAMLFault(reason: "takes too much memory to read", line: 0)
        }
        // Invalid UTF-8 is found ahead of the parser's position.
        let line =
            unsafe state.error == YAML_READER_ERROR
            ? input.prefix(state.problem_offset).count { $0 == UInt8(ascii: "\n") }
            : state.problem_mark.line
        return YAMLFault(reason: unsafe "is not YAML: \(String(cString: problem))", line: line + 1)
    }
}
