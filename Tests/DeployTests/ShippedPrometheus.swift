import Foundation
import TestSupport

/// The shipped folder deploy/prometheus, with other addresses and shorter times.
struct ShippedPrometheus {
    /// The replacements in the file.
    private static let times = ["15s": "1s", "10s": "1s", "60s": "1s"]

    private let directory: TemporaryDirectory
    var configuration: String { directory.file("prometheus/prometheus.yml") }

    private let change: (String) -> String

    /// A copy for these two nodes, with a change from the documentation.
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

    /// Writes the configuration again for two other nodes.
    func point(to first: String, _ second: String) throws {
        var text = try String(
            contentsOfFile: deployed("prometheus/prometheus.yml"),
            encoding: .utf8
        )
        let places = [
            "10.0.0.11:8100": first, "10.0.0.12:8100": second,
            // The alerts of a test go nowhere.
            "10.0.0.20:9093": try RunningNode.place(on: "127.0.0.1"),
        ]
        for (shipped, ours) in places.merging(Self.times, uniquingKeysWith: { $1 }) {
            guard text.contains(shipped) else {
                throw TestError("prometheus.yml does not contain \(shipped).")
            }
            text = text.replacing(shipped, with: ours)
        }
        try directory.replace("prometheus/prometheus.yml", with: change(text))
    }
}
