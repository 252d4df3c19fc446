import Foundation
import Testing

/// A running Prometheus and its HTTP API.
package struct Prometheus: Sendable {
    package let process: ChildProcess
    package let probe: HTTPProbe

    /// A sample of an instant vector, or the last one of a range.
    package struct Sample: Sendable {
        package let labels: [String: String]
        package let value: Double
    }

    /// The `data` of an API response; throws the response if it is an error.
    package func get<Answer>(
        _ path: String,
        as type: Answer.Type = [String: Any].self
    ) async throws -> Answer {
        let answer = try await probe.get("/api/v1/\(path)")
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        guard object?["status"] as? String == "success", let data = object?["data"] as? Answer
        else { throw TestError("\(path): status \(answer.status): \(answer.text)") }
        return data
    }

    /// Evaluates an expression now; a scalar is one sample without labels.
    package func samples(_ expression: String) async throws -> [Sample] {
        let data = try await get("query?query=\(Self.escaped(expression))")
        let results: [[String: Any]] =
            if data["resultType"] as? String == "scalar" {
                [["value": data["result"] ?? []]]
            } else {
                data["result"] as? [[String: Any]] ?? []
            }
        return results.map { result in
            let pair = result["value"] as? [Any]
            return Sample(
                labels: result["metric"] as? [String: String] ?? [:],
                value: (pair?.last as? String).flatMap { Double($0) } ?? .nan
            )
        }
    }

    /// The values of an expression, by `instance` and `peer`.
    package func query(_ expression: String) async throws -> [String: Double] {
        var values: [String: Double] = [:]
        for sample in try await samples(expression) {
            let key = ["instance", "peer"].compactMap { sample.labels[$0] }.joined(separator: " ")
            values[key] = sample.value
        }
        return values
    }

    /// Percent-encodes a value in the query of a URL.
    package static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
}

/// Runs Prometheus with this configuration file during `body`.
///
/// Its data is deleted afterwards; it logs warnings and errors only.
package func withPrometheus<Value>(
    configuration: String,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Prometheus) async throws -> Value
) async throws -> Value {
    let data = try TemporaryDirectory()
    let port = try freePort()
    let process = try ChildProcess(
        try tool(named: "prometheus", package: "prometheus"),
        [
            "--config.file=\(configuration)", "--storage.tsdb.path=\(data.path)",
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
        ]
    )
    defer { process.kill() }
    let prometheus = Prometheus(process: process, probe: HTTPProbe(port: port))
    let isReady = await eventually("Prometheus is ready", within: .seconds(30)) {
        (try? await prometheus.probe.get("/-/ready").status) == 200
    }
    guard isReady else { throw TestError("Prometheus did not start: \(process.log)") }
    return try await body(prometheus)
}
