import Foundation
import Synchronization
import TestSupport

/// A hostile peer: what it does, and how health must report it.
struct HostilePeer {
    let name: String
    let url: String
    /// Allowed values of `ServedHealth.Peer.outcome`; more than one if the system decides.
    let outcomes: [String]
    /// Nil for a peer of `HostileTLS`.
    var peer: ScriptedPeer?

    /// A peer of `HostileTLS`.
    init(_ name: String, _ outcomes: [String], port: Int) {
        (self.name, self.outcomes) = (name, outcomes)
        url = "https://127.0.0.1:\(port)"
    }

    init(
        _ name: String,
        _ outcomes: String...,
        scheme: String = "http",
        does script: Script
    ) throws {
        self.name = name
        self.outcomes = outcomes
        let peer = try ScriptedPeer(script)
        self.peer = peer
        url = "\(scheme)://\(peer.address):\(peer.port)"
    }

    /// A peer that answers with these lines, joined by CRLF, and closes.
    init(_ name: String, _ outcome: String, sends lines: [String]) throws {
        let bytes = Array(lines.joined(separator: "\r\n").utf8)
        try self.init(name, outcome, does: .answerThenClose(bytes))
    }

    /// A peer that answers every pull with this body.
    init(_ name: String, _ outcome: String, body: String) throws {
        try self.init(name, outcome, does: .answer(response(body: body)))
    }

    /// Its entry in the list of peers.
    var entry: String { "\(name)=\(url)" }

    /// The allowed reasons of its failures; none if it does not fail.
    var reasons: Set<String> {
        Set(outcomes.filter { $0.contains(" in ") }.map { String($0.prefix { $0 != " " }) })
    }
}

extension HostilePeer {
    private static let summary = summaryJSON(nodeID: "nova-peer")
    private static let ok = "HTTP/1.1 200 OK"

    /// A summary with `part` replaced.
    private static func summary(_ part: String, is other: String) -> String {
        summary.replacingOccurrences(of: part, with: other)
    }

    /// Peers that fail before they send a summary: every such reason that a peer can cause.
    static func onTheWire() throws -> [HostilePeer] {
        let long = String(repeating: "x", count: 200_000)
        let chunked = "Transfer-Encoding: chunked"
        return try [
            HostilePeer("silent", "timed_out in first_byte", does: .silence),
            HostilePeer("drips", "timed_out in body", does: .drip(response(body: summary))),
            HostilePeer("resets", "connection_lost in first_byte", does: .reset),
            // A close with the request unread may arrive as a reset.
            HostilePeer("closes", "connection_lost in first_byte", does: .closeAtOnce),
            HostilePeer(
                "truncated",
                "connection_lost in body",
                sends: [ok, "Content-Length: 999", "", summary]
            ),
            HostilePeer("truncated-head", "connection_lost in body", sends: [ok, "A: b", ""]),
            HostilePeer(
                "truncated-chunk",
                "connection_lost in body",
                sends: [ok, chunked, "", "fff", "{"]
            ),
            HostilePeer("http09", "bad_http in body", sends: [summary]),
            HostilePeer("garbage", "bad_http in body", sends: ["\u{1}\u{2}\u{3}", "", ""]),
            HostilePeer(
                "garbage-before",
                "bad_http in body",
                sends: ["zzz", ok, "Content-Length: 2", "", "{}"]
            ),
            HostilePeer("bad-chunk", "bad_http in body", sends: [ok, chunked, "", "zz", "{}"]),
            HostilePeer(
                "two-lengths",
                "bad_http in body",
                sends: [ok, "Content-Length: 2", "Content-Length: 3", "", "{}"]
            ),
            HostilePeer(
                "length-and-chunks",
                "bad_http in body",
                sends: [ok, "Content-Length: 2", chunked, "", "2", "{}", "0", "", ""]
            ),
            HostilePeer("minus-length", "bad_http in body", sends: [ok, "Content-Length: -1", ""]),
            HostilePeer(
                "upgrades",
                "bad_http in body",
                sends: ["HTTP/1.1 101 Go", "", "PRI * HTTP/2.0"]
            ),
            HostilePeer(
                "status-404",
                "http_status in body",
                does: .answer(response(404, body: ""))
            ),
            HostilePeer(
                "status-500",
                "http_status in body",
                does: .answer(response(500, type: "text/plain; charset=utf-8", body: "Internal"))
            ),
            HostilePeer(
                "status-503",
                "http_status in body",
                does: .answer(response(503, headers: ["Retry-After: 99"], body: summary))
            ),
            HostilePeer(
                "error-without-end",
                "http_status in body",
                does: .endless("HTTP/1.1 500 No\r\n\r\n", "no ")
            ),
            HostilePeer(
                "redirects",
                "redirected in body",
                does: .answering { request in
                    response(302, headers: ["Location: \(request.path)"], body: summary)
                }
            ),
            HostilePeer(
                "not-modified",
                "redirected in body",
                sends: ["HTTP/1.1 304 Same", "", ""]
            ),
            HostilePeer("endless-body", "too_large in body", does: .endlessBody),
            HostilePeer("endless-headers", "too_large in body", does: .endlessHeaders),
            HostilePeer("endless-interim", "too_large in body", does: .endlessInterim),
            HostilePeer(
                "large-body",
                "too_large in body",
                body: String(repeating: " ", count: 65_537)
            ),
            HostilePeer(
                "header-10-mb",
                "too_large in body",
                does: .answering { _ in
                    let line = "A: \(String(repeating: "b", count: 10_236))\r\n"
                    return Array((ok + "\r\n" + String(repeating: line, count: 1_024)).utf8)
                }
            ),
            HostilePeer(
                "long-header",
                "too_large in body",
                does: .answer(response(headers: ["A: \(long)"], body: summary))
            ),
            HostilePeer(
                "gzip",
                "bad_encoding in body",
                does: .answer(response(headers: ["Content-Encoding: gzip"], body: summary))
            ),
            HostilePeer(
                "deflated-chunks",
                "bad_encoding in body",
                sends: [ok, "Transfer-Encoding: deflate, chunked", "", "0", "", ""]
            ),
        ]
    }

    /// Peers with a complete response and an invalid summary.
    static func inTheSummary() throws -> [HostilePeer] {
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let inIgnored = { (value: String) in
            summary("\"sig\":null", is: "\"x\":\(value),\"sig\":null")
        }
        let nodeID = { (value: String) in summary("\"nova-peer\"", is: value) }
        let json = "not_json in the summary"
        let range = "out_of_range in the summary"
        let type = "wrong_type in the summary"
        return try [
            HostilePeer("empty", json, body: ""),
            HostilePeer("no-content", json, sends: ["HTTP/1.1 204 None", "", ""]),
            HostilePeer("html", json, body: "<html><body>It works!</body></html>"),
            HostilePeer("bom", json, body: "\u{FEFF}\(summary)"),
            HostilePeer("trailing", json, body: "\(summary)}"),
            HostilePeer("cut", json, body: String(summary.dropLast(9))),
            HostilePeer("nan", json, body: summary("0.245", is: "NaN")),
            HostilePeer("deep", json, body: inIgnored(deep)),
            HostilePeer("lone-surrogate", json, body: nodeID("\"\\ud800\"")),
            HostilePeer("duplicate-key", json, body: summary("\"ts\":", is: "\"ts\":1,\"ts\":")),
            HostilePeer("a-list", "not_an_object in the summary", body: "[\(summary)]"),
            HostilePeer(
                "no-gamma",
                "missing_field in the summary",
                body: summary("\"gamma\"", is: "\"g\"")
            ),
            HostilePeer(
                "string-gamma",
                type,
                body: summary("\"gamma\":0.7", is: "\"gamma\":\"0.7\"")
            ),
            HostilePeer("null-id", type, body: nodeID("null")),
            HostilePeer("huge-number", range, body: summary("0.245", is: "1e400")),
            HostilePeer("negative-hopf", range, body: summary("0.175", is: "-0.175")),
            HostilePeer("gamma-2", range, body: summary("\"gamma\":0.7", is: "\"gamma\":2")),
            HostilePeer("zero-ts", range, body: summary("1795333008.002", is: "0")),
            HostilePeer("empty-id", range, body: nodeID("\"\"")),
            HostilePeer("newline-id", range, body: nodeID("\"a\\nb\"")),
            HostilePeer(
                "id-60-kb",
                range,
                body: nodeID("\"\(String(repeating: "i", count: 60_000))\"")
            ),
            HostilePeer(
                "id-1-mb",
                "too_large in body",
                body: nodeID("\"\(String(repeating: "i", count: 1 << 20))\"")
            ),
        ]
    }

    /// Peers with valid summaries and unusual identities or times.
    ///
    /// - Parameter instance: The instance of the node under test.
    /// - Returns: The peers, listening.
    /// - Throws: If a peer cannot listen.
    static func inIdentity(instance: Instance) throws -> [HostilePeer] {
        let own = "nova-under-test"
        let count = Mutex(0)
        return try [
            HostilePeer("twin-a", "up", does: .summary(nodeID: "nova-twin")),
            HostilePeer("twin-b", "up", does: .summary(nodeID: "nova-twin")),
            HostilePeer("own-id", "clone", does: .summary(nodeID: own)),
            HostilePeer(
                "own-instance",
                "self",
                does: .answering { _ in
                    response(body: summaryJSON(nodeID: own, instance: instance.value))
                }
            ),
            HostilePeer("clone", "clone", does: .summary(nodeID: own, instance: "00000000")),
            HostilePeer(
                "changing",
                "up",
                does: .answering { _ in
                    let number = count.withLock {
                        $0 += 1
                        return $0
                    }
                    return response(body: summaryJSON(nodeID: "nova-\(number)"))
                }
            ),
            HostilePeer(
                "tomorrow",
                "up",
                body: summaryJSON(
                    nodeID: "nova-tomorrow",
                    ts: Date().timeIntervalSince1970 + 86_400
                )
            ),
            HostilePeer("long-ago", "up", body: summaryJSON(nodeID: "nova-long-ago", ts: 1)),
            HostilePeer(
                "odd-type",
                "up",
                does: .answer(
                    response(203, type: "image/png", body: summaryJSON(nodeID: "nova-odd"))
                )
            ),
        ]
    }

    /// The instance of the node under test, known once it has started.
    final class Instance: Sendable {
        private let text = Mutex("")

        var value: String { text.withLock { $0 } }

        func set(_ value: String) { text.withLock { $0 = value } }
    }
}

/// A good peer that records when it was pulled.
final class PunctualPeer: Sendable {
    let name: String
    let peer: ScriptedPeer
    private let asked: Times

    /// Moments, added by the connections of a peer.
    private final class Times: Sendable {
        let all = Mutex<[ContinuousClock.Instant]>([])
    }

    init(_ name: String, gStar: Double) throws {
        let asked = Times()
        self.asked = asked
        self.name = name
        peer = try ScriptedPeer(
            .answering { _ in
                asked.all.withLock { $0.append(.now) }
                return response(
                    body: summaryJSON(
                        nodeID: name,
                        gStar: gStar,
                        ts: Date().timeIntervalSince1970
                    )
                )
            }
        )
    }

    /// The seconds between one request and the next.
    var pauses: [Double] {
        let moments = asked.all.withLock { $0 }
        return zip(moments, moments.dropFirst()).map { ($1 - $0) / .seconds(1) }
    }
}
