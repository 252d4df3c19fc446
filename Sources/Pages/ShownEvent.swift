internal import Federation
package import JSON
internal import StateStore

/// An event as commands and pages show it.
package struct ShownEvent: Sendable {
    package var id: Int
    /// Unix seconds.
    package var at: Double
    package var kind: String
    package var peer: String?
    package var reason: String?
    package var phase: String?
    package var status: Int?
    package var detail: String?
    package var from: String?
    package var to: String?
    package var count: Int?
    /// Seconds.
    package var lasted: Double?
    /// Seconds.
    package var lateness: Double

    package init(_ event: JSONTree) {
        id = event["id"].integer ?? 0
        at = event["at"].number ?? 0
        kind = event["kind"].string ?? ""
        peer = event["peer"].string
        (reason, phase) = (event["reason"].string, event["phase"].string)
        (status, detail) = (event["status"].integer, event["detail"].string)
        (from, to) = (event["from"].string, event["to"].string)
        (count, lasted) = (event["count"].integer, event["lasted"].number)
        lateness = event["lateness"].number ?? 0
    }

    /// `peer` is the present label of the peer.
    init(_ row: EventRow, peer: String?) {
        (id, at, kind) = (Int(row.id), row.at, row.kind)
        self.peer = peer
        (reason, phase, status, detail) = (row.reason, row.phase, row.status, row.detail)
        (from, to, count) = (row.from, row.to, row.count)
        (lasted, lateness) = (row.lasted, row.lateness)
    }

    /// What happened, without time and peer, in one line.
    package var text: String { text(failure: failure) }

    /// The same, with other words for why a pull failed.
    func text(failure: String) -> String {
        var text = what(failure)
        // A node this late may itself be the cause.
        if lateness >= 1 { text += " (this node was late by \(lateness.inWords))" }
        return text
    }

    private func what(_ failure: String) -> String {
        let span = lasted.map(\.inWords)
        switch kind {
        case "start": return "the node started" + (to.map { ", version \($0)" } ?? "")
        case "stop": return "the node stopped: \(reason ?? "?")" + (span.map { ", up \($0)" } ?? "")
        case "peer_up": return "up" + (span.map { ", after \($0) down" } ?? ", for the first time")
        case "peer_down": return "down: \(failure)" + (span.map { ", after \($0) up" } ?? "")
        case "peer_flapping":
            return "flapping: \(count ?? 0) changes" + (span.map { " in \($0)" } ?? " so far")
        case "peer_added": return "added to the list of peers"
        case "peer_removed": return "removed from the list of peers"
        case "identity": return identity
        case "suspect": return suspect(span)
        case "stale":
            return "stale: its numbers have not changed" + (span.map { " for \($0)" } ?? "")
        case "fresh": return "fresh again" + (span.map { ", after \($0) stale" } ?? "")
        case "source_failed": return "the local source failed: \(detail ?? "?")"
        case "source_recovered": return "the local source recovered"
        case "reload":
            return "reloaded (\(reason ?? "?")): \(count ?? 0) peers"
                + (detail.map { ", changed \($0)" } ?? "")
        case "reload_failed": return "reload failed (\(reason ?? "?")): \(detail ?? "?")"
        case "context": return "context changed from \(from ?? "?") to \(to ?? "?")"
        case "regime": return "regime changed from \(from ?? "start") to \(to ?? "?")"
        case "state_reset":
            return "the state file was damaged; continued with an empty one: \(detail ?? "?")"
        default: return detail ?? ""
        }
    }

    /// Why a pull failed.
    private var failure: String {
        var text = reason ?? "?"
        if let phase { text += " in \(phase)" }
        if let status { text += ", status \(status)" }
        if let detail { text += " (\(detail))" }
        return text
    }

    private func suspect(_ span: String?) -> String {
        let cause = reason ?? "?"
        guard to == "suspect" else {
            return "this node is no longer suspect" + (span.map { ", after \($0)" } ?? "")
                + " (\(cause))"
        }
        let words = SelfVerdict.Cause(rawValue: cause)?.words ?? cause
        return "this node became suspect: \(words)"
    }

    private var identity: String {
        switch reason {
        case "node_id": "node id changed from \(from ?? "?") to \(to ?? "?")"
        case "same_numbers": "publishes the same numbers as \(to ?? "?")"
        default: "identity changed from \(from ?? "?") to \(to ?? "?")"
        }
    }
}

extension Double {
    /// Seconds as text, such as `2 h 15 min`.
    package var inWords: String {
        guard let seconds = Int(exactly: self.rounded()) else { return "\(self) s" }
        return switch seconds {
        case ..<1: "\((self * 1_000).rounded() / 1_000) s"
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }
}
