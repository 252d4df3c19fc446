/// A parsing event of libyaml.
struct Event {
    enum Content {
        case documentStart
        /// `isMergeKey`: as a key of a mapping it is the merge key `<<`. `isPlain`: it has neither
        /// quotes nor a tag.
        case scalar(String, isMergeKey: Bool, isPlain: Bool)
        case sequenceStart
        case mappingStart
        case alias
        /// The end of a sequence or a mapping.
        case end
        /// The start and the end of the stream, and the end of a document.
        case other
    }

    var content: Content
    /// The name after `&`, or after `*` of an alias.
    var anchor: String?
    /// The line on which it starts, from 1.
    var line: Int
}
