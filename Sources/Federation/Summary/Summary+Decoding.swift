internal import JSON

extension Summary {
    /// Reads a summary from the body of a response; see contracts/peer_sync_payload@1.yaml.
    ///
    /// The first pass validates the JSON and finds the fields. The second validates the fields in
    /// the contract's order. Each field is fetched at most once, so the cost is linear in the
    /// body's length, and only the stored strings are allocated.
    package init(decoding body: [UInt8]) throws(SummaryFault) {
        let bytes = body.span
        let draft: SummaryDraft
        do { draft = try SummaryDraft(bytes) } catch { throw .notJSON(error) }
        guard draft.kind == .object else { throw .notAnObject(draft.kind) }
        let fields = draft.values.span
        nodeID = try fields.text(.nodeID, bytes)
        ts = try fields.number(.ts, bytes)
        version = try fields.text(.version, bytes)
        metrics = try SummaryNumbers(fields, bytes)
        _ = try fields.optional(.sig)
        instance = try fields.optional(.instance) == nil ? nil : fields.text(.instance, bytes)
    }
}

extension SummaryNumbers {
    fileprivate init(_ fields: Span<JSONValue?>, _ bytes: Span<UInt8>) throws(SummaryFault) {
        _ = try fields.required(.metrics)
        peerQuality = try fields.number(.peerQuality, bytes)
        stabilityMargin = try fields.number(.stabilityMargin, bytes)
        hopfDistance = try fields.number(.hopfDistance, bytes)
        spectralRadius = try fields.number(.spectralRadius, bytes)
        gamma = try fields.number(.gamma, bytes)
        _ = try fields.required(.components)
        components = Components(
            progress: try fields.number(.progress, bytes),
            novelty: try fields.number(.novelty, bytes),
            consistency: try fields.number(.consistency, bytes)
        )
        gStar = try fields.number(.gStar, bytes)
    }
}

/// The positions of a summary's fields in a body that is valid JSON; fields are not validated.
private struct SummaryDraft {
    /// The kind of the body.
    private(set) var kind = JSONKind.object
    /// The value of each field, by its raw value; nil if absent.
    private(set) var values = InlineArray<19, JSONValue?>(repeating: nil)

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

    /// Reads an object of the contract; skips unknown keys and their values.
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
                throw JSONFault(.duplicateKey, at: key.content.lowerBound)
            }
            let start = index
            if try JSON.byte(bytes, index) == UInt8(ascii: "{"), field.rule == .object {
                try readFields(of: field, bytes, &index, depth: depth + 1)
                values[field.rawValue] = JSONValue(kind: .object, content: start..<index)
            } else {
                values[field.rawValue] = try JSON.value(bytes, &index, depth: depth + 1)
            }
        }
    }
}

// Validates the values of a draft. A span, because reading an array in place would copy it.
extension Span<JSONValue?> {
    /// The value of an optional field, of the right type; nil if it is absent or null.
    fileprivate func optional(_ field: Summary.Field) throws(SummaryFault) -> JSONValue? {
        guard let value = self[field.rawValue], value.kind != .null else { return nil }
        return try required(field)
    }

    /// The value of a required field, of the right type.
    fileprivate func required(_ field: Summary.Field) throws(SummaryFault) -> JSONValue {
        guard let value = self[field.rawValue] else { throw .missingField(field) }
        guard value.kind == field.rule.kind else { throw .wrongType(field, found: value.kind) }
        return value
    }

    /// The number in a field, or in the letter that stands for it, within the field's rule.
    fileprivate func number(
        _ field: Summary.Field,
        _ bytes: Span<UInt8>
    ) throws(SummaryFault) -> Double {
        if self[field.rawValue] == nil, let letter = field.letter, self[letter.rawValue] != nil {
            return try number(letter, bytes)
        }
        let found = try required(field)
        let value = JSON.double(found, bytes)
        guard field.rule.numbers.contains(value) else { throw .outOfRange(field, value: value) }
        return value
    }

    /// The string in a field, within the field's rule; a string that is too long is never built.
    fileprivate func text(
        _ field: Summary.Field,
        _ bytes: Span<UInt8>
    ) throws(SummaryFault) -> String {
        let found = try required(field)
        let content = found.content
        if found.isPlain, field.rule.scalars.contains(content.count),
            let text = try? UTF8Span(validating: bytes.extracting(content))  // as ASCII always is
        {
            return String(copying: text)
        }
        var text = ""
        var count = 0
        var index = content.lowerBound
        while index < content.upperBound {
            let scalar: Unicode.Scalar
            do { scalar = try JSON.scalar(bytes, &index) } catch { throw .notJSON(error) }
            count += 1
            guard count <= field.rule.scalars.upperBound,
                field.rule.allowsControls || !scalar.isControl
            else { throw .outOfRange(field) }
            text.unicodeScalars.append(scalar)
        }
        guard field.rule.scalars.contains(count) else { throw .outOfRange(field) }
        return text
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    fileprivate var isControl: Bool { value < 0x20 || 0x7F...0x9F ~= value }
}
