extension Summary {
    /// Reads a summary from the body of an answer, by contracts/peer_sync_payload@1.yaml.
    ///
    /// The whole body is read once, to know that it is JSON and where the fields stand; then the
    /// fields are judged in the contract's order. Each is fetched at most once, so that a body
    /// costs its length, and what is allocated are the strings that are kept.
    package init(decoding body: [UInt8]) throws(SummaryFault) {
        let bytes = body.span
        let draft: SummaryDraft
        do { draft = try SummaryDraft(bytes) } catch { throw .notJSON(error) }
        guard draft.kind == .object else { throw .notAnObject(draft.kind) }
        nodeID = try draft.text(.nodeID, bytes)
        ts = try draft.number(.ts, bytes)
        version = try draft.text(.version, bytes)
        metrics = try Metrics(draft, bytes)
        _ = try draft.optional(.sig)
        instance = try draft.optional(.instance) == nil ? nil : draft.text(.instance, bytes)
    }
}

extension Metrics {
    fileprivate init(_ draft: SummaryDraft, _ bytes: Span<UInt8>) throws(SummaryFault) {
        _ = try draft.required(.metrics)
        peerQuality = try draft.number(.peerQuality, bytes)
        stabilityMargin = try draft.number(.stabilityMargin, bytes)
        hopfDistance = try draft.number(.hopfDistance, bytes)
        spectralRadius = try draft.number(.spectralRadius, bytes)
        gamma = try draft.number(.gamma, bytes)
        _ = try draft.required(.components)
        components = Components(
            progress: try draft.number(.progress, bytes),
            novelty: try draft.number(.novelty, bytes),
            consistency: try draft.number(.consistency, bytes)
        )
        gStar = try draft.number(.gStar, bytes)
    }
}

/// Where the fields of a summary stand in a body that is JSON; nothing is judged yet.
private struct SummaryDraft {
    /// What the body as a whole is.
    private(set) var kind = JSONKind.object
    /// By field; an array, as one in place would be copied whole for each value that is read.
    private var values = [JSONValue?](repeating: nil, count: Summary.Field.allCases.count)

    init(_ bytes: Span<UInt8>) throws(JSONFault) {
        var index = 0
        guard !bytes.isEmpty else { throw JSONFault(.empty, at: 0) }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONFault(.byteOrderMark, at: 0)
        }
        JSON.blanks(bytes, &index)
        if try JSON.byte(bytes, index) == UInt8(ascii: "{") {
            try readFields(of: nil, bytes, &index, depth: 0)
        } else {
            kind = try JSON.value(bytes, &index, depth: 0).kind
        }
        JSON.blanks(bytes, &index)
        guard index == bytes.count else { throw JSONFault(.trailingBytes, at: index) }
    }

    /// Reads an object whose fields the contract names; other keys are skipped, with their values.
    private mutating func readFields(
        of parent: Summary.Field?,
        _ bytes: Span<UInt8>,
        _ index: inout Int,
        depth: Int
    ) throws(JSONFault) {
        try JSON.enter(&index, depth: depth)
        var isFirst = true
        var last = parent
        while let key = try JSON.nextKey(bytes, &index, isFirst: isFirst) {
            isFirst = false
            let shortKey = try JSON.shortKey(bytes, key)
            guard let field = Summary.Field(shortKey, in: parent, after: last) else {
                _ = try JSON.value(bytes, &index, depth: depth + 1)
                continue
            }
            last = field
            guard values[field.rawValue] == nil else {
                throw JSONFault(.duplicateKey, at: key.lowerBound)
            }
            let start = index
            if field.rule == .object, try JSON.byte(bytes, index) == UInt8(ascii: "{") {
                try readFields(of: field, bytes, &index, depth: depth + 1)
                values[field.rawValue] = JSONValue(kind: .object, content: start..<index)
            } else {
                values[field.rawValue] = try JSON.value(bytes, &index, depth: depth + 1)
            }
        }
    }

    /// The value of a field, of the right type; nil if it is absent or null.
    func optional(_ field: Summary.Field) throws(SummaryFault) -> JSONValue? {
        guard let value = values[field.rawValue], value.kind != .null else { return nil }
        return try checked(value, field)
    }

    /// The value of a field, of the right type.
    func required(_ field: Summary.Field) throws(SummaryFault) -> JSONValue {
        guard let value = values[field.rawValue] else { throw .missingField(field) }
        return try checked(value, field)
    }

    /// The number in a field, or in the letter that stands in for it, within the field's rule.
    func number(_ field: Summary.Field, _ bytes: Span<UInt8>) throws(SummaryFault) -> Double {
        if values[field.rawValue] == nil, let letter = field.letter,
            values[letter.rawValue] != nil
        {
            return try number(letter, bytes)
        }
        let value = JSONDecimal(bytes, try required(field).content).value(in: bytes)
        guard field.rule.numbers.contains(value) else { throw .outOfRange(field, value: value) }
        return value
    }

    /// The string in a field, within the field's rule; one that is too long is never built.
    func text(_ field: Summary.Field, _ bytes: Span<UInt8>) throws(SummaryFault) -> String {
        let content = try required(field).content
        if field.rule.scalars.contains(content.count), let text = Self.plain(bytes, content) {
            return text
        }
        var text = ""
        var count = 0
        var index = content.lowerBound
        while index < content.upperBound {
            let scalar: Unicode.Scalar
            do { scalar = try JSON.scalar(bytes, &index) } catch { throw .notJSON(error) }
            count += 1
            guard count <= field.rule.scalars.upperBound,
                field.rule != .identifier || !Self.isControl(scalar)
            else { throw .outOfRange(field) }
            text.unicodeScalars.append(scalar)
        }
        guard field.rule.scalars.contains(count) else { throw .outOfRange(field) }
        return text
    }

    /// The string of a content that is plain ASCII, as most are; nil for another.
    private static func plain(_ bytes: Span<UInt8>, _ content: Range<Int>) -> String? {
        guard JSON.isPlain(bytes, content),
            let text = try? UTF8Span(validating: bytes.extracting(content))  // as ASCII always is
        else { return nil }
        return String(copying: text)
    }

    /// C0, DEL and C1.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value
    }

    private func checked(
        _ value: JSONValue,
        _ field: Summary.Field
    ) throws(SummaryFault) -> JSONValue {
        guard value.kind == field.rule.kind else {
            throw .wrongType(field, found: value.kind)
        }
        return value
    }
}
