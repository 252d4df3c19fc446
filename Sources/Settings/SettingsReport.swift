internal import Federation
internal import JSON
internal import Timing

/// What `check` says of settings that are good.
package struct SettingsReport {
    /// The most peers that are listed; of more, the first.
    static let maximumPeers = 20

    private let loaded: LoadedSettings

    package init(of loaded: LoadedSettings) {
        self.loaded = loaded
    }

    /// All parts, with an empty line between them.
    package var text: String {
        [table, peers, summary, remarks].filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    /// Key, value and where it came from, in columns.
    private var table: [String] {
        Self.columns(
            SettingsTable.all.map { setting in
                let origin = loaded.origins[setting.key] ?? .standard
                return [setting.key, setting.show(loaded.settings), origin.description]
            }
        )
    }

    /// The first peers, by label.
    private var peers: [String] {
        let peers = loaded.settings.peers
        let rows = peers.prefix(Self.maximumPeers).map { ["peer", $0.label, $0.url] }
        let more = peers.count - rows.count
        return Self.columns(rows) + (more > 0 ? ["and \(more) more peers"] : [])
    }

    /// What the settings amount to.
    private var summary: [String] {
        let settings = loaded.settings
        var rows = [["mode", mode], ["peers", String(settings.peers.count)]]
        if !settings.peers.isEmpty {
            let rate = Double(settings.peers.count) / settings.interval.inSeconds
            rows.append(["pulls a second", ((rate * 10).rounded() / 10).words])
            rows.append(["pull deadline", deadline])
            rows.append(["dead peers survived", survived])
        }
        if let count = loaded.authorities { rows.append(["trusted certificates", String(count)]) }
        rows.append(["open files", "\(settings.fileLimit) at most (\(Settings.fileLimitKey))"])
        return Self.columns(rows)
    }

    private var mode: String {
        switch loaded.settings.mode {
        case .off: "off: FEDERATION_ENABLED is not 1"
        case .singleNode: "single node: \(Mode.singleNodeNotice)"
        case .peerSync: "peer sync"
        }
    }

    /// The timeout, or what the interval leaves of it.
    private var deadline: String {
        let plan = loaded.settings.pullPlan
        guard plan.deadline < plan.timeout else { return "\(plan.deadline.words) s" }
        let room = plan.interval - plan.deadline
        return "\(plan.deadline.words) s (the timeout, less what leaves \(room.words) s before the "
            + "peer's next slot)"
    }

    /// max in flight x interval / timeout, against the number of peers.
    private var survived: String {
        let settings = loaded.settings
        let dead = settings.survivableDeadPeers
        let formula =
            "\(settings.maxInFlight) in flight x \(settings.interval.words) s "
            + "/ \(settings.timeout.words) s = \(dead)"
        return (dead >= settings.peers.count ? "all" : String(dead)) + " (\(formula))"
    }

    private var remarks: [String] {
        (loaded.notes.map { "note: \($0)" } + loaded.warnings.map { "warning: \($0)" })
            .map(\.visible)
    }

    /// Rows with every cell but the last padded to its column.
    private static func columns(_ shown: [[String]]) -> [String] {
        let rows = shown.map { $0.map(\.visible) }
        let count = rows.first?.count ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated()
                .map { column, cell in
                    let padding = column == count - 1 ? 0 : cell.1 - cell.0.count
                    return cell.0 + String(repeating: " ", count: padding)
                }
                .joined(separator: "  ")
        }
    }
}
