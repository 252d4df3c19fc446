internal import Federation
internal import JSON
internal import Timing

/// The output of `check` for valid settings.
package struct SettingsReport {
    /// The maximum number of peers that are listed.
    static let maximumPeers = 20

    private let loaded: LoadedSettings

    package init(of loaded: LoadedSettings) {
        self.loaded = loaded
    }

    /// All parts, separated by empty lines.
    package var text: String {
        [table, peers, summary, remarks].filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    /// Key, value and origin of each setting.
    private var table: [String] {
        Self.columns(
            SettingsTable.all.map { setting in
                let origin = loaded.origins[setting.key] ?? .standard
                return [setting.key, setting.show(loaded.settings), origin.description]
            }
        )
    }

    /// Label and URL of the first peers.
    private var peers: [String] {
        let peers = loaded.settings.peers
        let rows = peers.prefix(Self.maximumPeers).map { ["peer", $0.label, $0.url] }
        let more = peers.count - rows.count
        return Self.columns(rows) + (more > 0 ? ["and \(more) more peers"] : [])
    }

    /// Values that follow from several settings.
    private var summary: [String] {
        let settings = loaded.settings
        var rows = [["mode", mode], ["peers", String(settings.peers.count)]]
        if !settings.peers.isEmpty {
            let rate = Double(settings.peers.count) / settings.interval.inSeconds
            rows.append(["pulls per second", ((rate * 10).rounded() / 10).words])
            rows.append(["pull deadline", deadline])
            rows.append(["dead peers tolerated", tolerated])
        }
        if let count = loaded.certificateCount {
            rows.append(["trusted certificates", String(count)])
        }
        rows.append(["limit of open files", "\(settings.fileLimit) (\(Settings.fileLimitKey))"])
        return Self.columns(rows)
    }

    private var mode: String {
        switch loaded.settings.mode {
        case .off: "off: FEDERATION_ENABLED is not 1"
        case .singleNode: "single node: \(Mode.singleNodeNotice)"
        case .peerSync: "peer sync"
        }
    }

    /// The timeout, shortened if the interval requires it.
    private var deadline: String {
        let plan = loaded.settings.pullPlan
        guard plan.deadline < plan.timeout else { return "\(plan.deadline.words) s" }
        let room = plan.interval - plan.deadline
        return "\(plan.deadline.words) s (the timeout, shortened to end \(room.words) s before the "
            + "peer's next slot)"
    }

    /// Compares max in flight x interval / timeout with the number of peers.
    private var tolerated: String {
        let settings = loaded.settings
        let dead = settings.tolerableDeadPeers
        let formula =
            "\(settings.maxInFlight) in flight x \(settings.interval.words) s "
            + "/ \(settings.timeout.words) s = \(dead)"
        return (dead >= settings.peers.count ? "all" : String(dead)) + " (\(formula))"
    }

    private var remarks: [String] {
        (loaded.notes.map { "note: \($0)" } + loaded.warnings.map { "warning: \($0)" })
            .map(\.visible)
    }

    /// Pads every cell but the last of its row to the width of its column.
    private static func columns(_ cells: [[String]]) -> [String] {
        let rows = cells.map { $0.map(\.visible) }
        let count = rows.first?.count ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).dropLast()
                .map { cell, width in
                    cell + String(repeating: " ", count: width - cell.count)
                }
            return (padded + row.suffix(1)).joined(separator: "  ")
        }
    }
}
