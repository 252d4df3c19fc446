import JSON
import NodeClient
import Pages

@testable import Daemon

/// Pages of a node for the tests of `top`.
enum TopSpecimen {
    /// A peer of a health page.
    static func peer(
        _ name: String,
        state: String = "up",
        quality: Double = 0.9,
        p95: Double? = 0.0123,
        staleFor: Double? = nil
    ) -> JSONTree {
        let isDown = state == "down"
        return .object([
            ("id", .string(name)), ("url", .string("http://10.0.0.1:8100/\(name)")),
            ("state", .string(state)), ("state_age", .number(4_000)), ("live", .bool(!isDown)),
            ("last_seen", .number(1)), ("age", .number(isDown ? 700 : 2)),
            ("quality", .number(quality)), ("success_rate", .number(isDown ? 0 : 1)),
            ("latency_score", .number(0.95)), ("freshness", .number(0.99)),
            ("flags", .list(staleFor == nil ? [] : [.string("stale")])),
            ("numbers_age", .number(staleFor ?? 10)),
            ("p95", p95.map(JSONTree.number) ?? .null), ("samples", .number(10)),
            ("timings", .object([("total", .number(0.012))])),
            (
                "last_failure",
                isDown
                    ? .object([
                        ("reason", .string("connect_refused")), ("phase", .string("connect")),
                        ("age", .number(3)), ("detail", .string("Connection refused")),
                    ]) : .null
            ),
        ])
    }

    static func health(_ peers: [JSONTree]) -> JSONTree {
        .object([
            ("ready", .bool(true)), ("reasons", .list([])), ("mode", .string("peer_sync")),
            ("node_id", .string("n1")), ("version", .string("1.2.3")), ("uptime", .number(8_100)),
            ("context", .string("federated")), ("novelty", .number(0.42)),
            (
                "peer_sync",
                .object([
                    ("peer_count", .number(Double(peers.count))),
                    ("configured", .number(Double(peers.count))),
                ])
            ),
            ("peers", .list(peers)),
        ])
    }

    static func snapshot(_ peers: [JSONTree], events: [ShownEvent]? = nil) -> TopSnapshot {
        let rows = peers.map { tree in
            var trace = LatencyTrace()
            trace.take(tree, elapsed: 0)
            return TopRow(PeerRow(tree), trace: trace)
        }
        let status = ShownStatus(
            health(peers),
            .object([("g_star", .number(0.47))]),
            url: "http://127.0.0.1:8100"
        )
        var snapshot = TopSnapshot(at: 1_795_333_008, status, rows: rows)
        snapshot.events = events.map { (rows.first?.peer.name ?? "", $0) }
        return snapshot
    }

    /// The list of peers with these names, as the state selects and orders them.
    static func list(_ names: [String], _ state: TopState) -> TopList {
        let rows = snapshot(names.map { peer($0) }).rows
        return TopList(rows, sort: state.sort, filter: state.filter)
    }

    /// The screen after some keys.
    static func screen(
        _ peers: [JSONTree],
        _ keys: [TopKey] = [],
        columns: Int = 80,
        rows: Int = 24,
        events: [ShownEvent]? = nil,
        notice: String? = nil
    ) -> TopScreen {
        let snapshot = snapshot(peers, events: events)
        var state = TopState()
        func screen() -> TopScreen {
            TopScreen(
                snapshot: snapshot,
                list: TopList(snapshot.rows, sort: state.sort, filter: state.filter),
                state: state,
                columns: columns,
                rows: rows,
                notice: notice
            )
        }
        for key in keys {
            let before = screen()
            let lines = state.detail.map { before.detailLines($0).count } ?? 0
            _ = state.apply(key, to: before.list, page: before.page, lines: lines)
            state.follow(screen().list, page: screen().page)
        }
        return screen()
    }
}
