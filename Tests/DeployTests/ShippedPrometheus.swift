import Foundation
import TestSupport

/// The folder deploy/prometheus as it is shipped, but for addresses and, to be quick, times.
struct ShippedPrometheus {
    /// What a test puts in place of what stands in the file.
    private static let times = ["15s": "1s", "10s": "1s", "60s": "1s"]

    private let directory: TemporaryDirectory
    var configuration: String { directory.file("prometheus/prometheus.yml") }

    private let change: (String) -> String

    /// A copy for these two nodes, with a change that its documentation tells of.
    init(
        asking first: String,
        _ second: String,
        change: @escaping (String) -> String = { $0 }
    ) throws {
        directory = try TemporaryDirectory()
        self.change = change
        try FileManager.default.copyItem(
            atPath: deployed("prometheus"),
            toPath: directory.file("prometheus")
        )
        try point(to: first, second)
    }

    /// Writes the configuration anew for two other nodes.
    func point(to first: String, _ second: String) throws {
        var text = try String(
            contentsOfFile: deployed("prometheus/prometheus.yml"),
            encoding: .utf8
        )
        let places = [
            "10.0.0.11:8100": first, "10.0.0.12:8100": second,
            // Nobody needs to hear of the alerts of a test.
            "10.0.0.20:9093": try RunningNode.place(on: "127.0.0.1"),
        ]
        for (shipped, ours) in places.merging(Self.times, uniquingKeysWith: { $1 }) {
            guard text.contains(shipped) else {
                throw TestError("prometheus.yml says nothing of \(shipped).")
            }
            text = text.replacing(shipped, with: ours)
        }
        try directory.replace("prometheus/prometheus.yml", with: change(text))
    }
}
