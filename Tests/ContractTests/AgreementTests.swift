import Federation
import Foundation
import Testing
import YAMLReader

/// Compares the decoder with the schema on generated bodies.
struct AgreementTests {
    /// The number of bodies; body n is generated from seed n.
    private static let count: UInt64 = 6000

    @Test func `decoder and schema agree on generated bodies`() throws {
        let bodies = (0..<Self.count)
            .map { seed in
                var generator = BodyGenerator(seed: seed)
                return generator.body()
            }
        let verdicts = try Oracle.verdicts(on: bodies)
        try #require(verdicts.count == bodies.count)
        for (seed, (body, verdict)) in zip(bodies, verdicts).enumerated() {
            let ours = Verdict.of(body)
            #expect(
                ours == verdict,
                "seed \(seed): \(String(decoding: body, as: UTF8.self))"
            )
        }
    }

    @Test func `the generated bodies have every verdict`() {
        var counts: [Substring: Int] = [:]
        for seed in 0..<Self.count {
            var generator = BodyGenerator(seed: seed)
            counts[Verdict.of(generator.body()).prefix { $0 != " " }, default: 0] += 1
        }
        let reasons = FailureReason.allCases.filter { $0.errorType == .validation }
        for verdict in reasons.map(\.rawValue) + ["valid"] {
            #expect(counts[verdict[...], default: 0] >= 20, "\(verdict): \(counts)")
        }
    }

    @Test func `the schema names the fields of the decoder in its order`() throws {
        let url = Example.contracts.appending(path: "peer_sync_payload@1.yaml")
        let schema = try #require(try YAMLNode.document([UInt8](Data(contentsOf: url))))
        #expect(paths(in: schema, of: schema, below: "") == Summary.Field.allCases.map(\.path))
    }

    /// The paths of all properties of `part`, in the order of the file.
    private func paths(in schema: YAMLNode, of part: YAMLNode, below path: String) -> [String] {
        var part = part
        if let reference = part["$ref"]?.text, let name = reference.split(separator: "/").last,
            let target = schema["$defs"]?[String(name)]
        {
            part = target
        }
        return (part["properties"]?.mapping ?? [])
            .flatMap { key, below -> [String] in
                let path = path + (key.text ?? "?")
                return [path] + paths(in: schema, of: below, below: path + ".")
            }
    }
}
