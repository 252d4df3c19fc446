internal import Federation
internal import StateStore
internal import Timing

extension PeerReport {
    /// The state as shape and word, and its duration; `wall` is the time now in Unix seconds.
    func stateHTML(at wall: Double) -> HTML {
        let span =
            stateAgeSeconds.map { UTCTime.html(since: wall - $0, "for \($0.asDuration)") }
            ?? "not pulled yet"
        return """
            <span class="state">\(state.mark.html)\(state.rawValue)</span> \
            <small>\(span)</small>
            """
    }

    /// Why the peer is not up, or a recent failure of one that is; nil without any.
    ///
    /// `window` is the time in seconds in which a failure is recent.
    func failureWords(within window: Double) -> String? {
        guard let failure = lastFailure?.failure, let age = lastFailureAgeSeconds else {
            return state.note
        }
        if state == .down { return failure.words }
        return state.note ?? (age <= window ? "\(failure.words), \(age.ago)" : nil)
    }

    /// The age in seconds of the numbers of a peer that is up with stale ones; nil for others.
    var staleAge: Double? { isStale ? numbersAgeSeconds : nil }

    /// What is unusual about its identity or its numbers, separated by semicolons; nil if nothing.
    var oddity: String? {
        var words: [String] = []
        if let staleAge { words.append("stale: no new numbers for \(staleAge.asDuration)") }
        switch identity {
        case .duplicate: words.append("same node id as \(holder ?? "another peer")")
        case .changing: words.append("its node id keeps changing")
        case .ok, .itself, .clone, .unknown: break
        }
        if let sameNumbersAs { words.append("same numbers as \(sameNumbersAs)") }
        if quality.lowConfidence, state == .up { words.append("quality uncertain: too few pulls") }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    /// The quality as a bar and a number; a dash for this node itself.
    var qualityHTML: HTML {
        guard let quality = scored else { return "–" }
        let interval = quality.bounds
        let title = "quality, between \(interval.low.fixed(2)) and \(interval.high.fixed(2))"
        let bar = Drawing.bar(quality.value, interval: interval, title: title)
        return "\(bar) \(quality.value.fixed(2))"
    }
}

extension PeerState {
    var mark: Drawing.Mark {
        switch self {
        case .up: .good
        case .down: .bad
        case .clone: .odd
        case .unknown: .pending
        case .itself: .ownNode
        }
    }

    /// An explanation of the rarer states.
    var note: String? {
        switch self {
        case .clone: "another process with this node's id"
        case .itself: "this node itself"
        case .up, .down, .unknown: nil
        }
    }
}

extension String {
    /// The text as a sentence, with a capital letter and a full stop.
    var asSentence: String {
        let end = last.map { ".!?…".contains($0) } == true ? "" : "."
        return "\(prefix(1).uppercased())\(dropFirst())\(end)"
    }

    /// The text with the digits of its first word in groups, if that is a count.
    var withGroupedCount: String {
        let word = prefix { $0 != " " }
        return (Int(word)?.grouped ?? String(word)) + dropFirst(word.count)
    }
}
