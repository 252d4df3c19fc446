/// One finding about a federation, derived from the views of its nodes.
package struct Verdict: Hashable, Sendable {
    package var kind: Kind
    /// The node that the finding is about; nil if it is about several.
    package var subject: String?
    /// The other node or peer, if there is exactly one.
    package var object: String?
    /// The number of nodes that support the finding, of those that could.
    package var observers: Int?
    package var of: Int?
    /// When it began, in Unix seconds by the clock of this machine.
    package var since: Double?
    /// The finding as a sentence.
    package var text: String

    init(
        _ kind: Kind,
        _ subject: String?,
        object: String? = nil,
        observers: Int? = nil,
        of: Int? = nil,
        since: Double? = nil,
        text: String
    ) {
        (self.kind, self.subject, self.object) = (kind, subject, object)
        (self.observers, self.of, self.since, self.text) = (observers, of, since, text)
    }

    /// What a verdict is about; in the order in which verdicts are listed.
    package enum Kind: String, CaseIterable, Sendable {
        /// Most observers report the subject as down.
        case peerDown = "peer_down"
        /// The subject does not see what others see, or does not respond to the command.
        case observer
        /// The subject does not reach the object, which most others reach.
        case link
        /// Several nodes have one node id, or a peer's id keeps changing.
        case identity
        /// The subject does not have the same peers as the others.
        case listsDiffer = "lists_differ"
        case versionsDiffer = "versions_differ"
        /// The subject's clock is ahead or behind.
        case clock
    }
}

extension [String] {
    /// The texts with `and`; of more than three, the first three and the number of the others.
    var joinedWithAnd: String {
        let shown = count > 3 ? prefix(3) + ["\(count - 3) more"] : self[...]
        guard let last = shown.last, shown.count > 1 else { return first ?? "" }
        return shown.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The most frequent text, the smallest of several; nil if there is none.
    var mostFrequent: String? {
        var counts: [String: Int] = [:]
        for text in self { counts[text, default: 0] += 1 }
        return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }
}

extension [Double] {
    /// The middle one in ascending order, the lower of two; nil if there is none.
    var lowerMedian: Double? { isEmpty ? nil : sorted()[(count - 1) / 2] }
}
