// A libFuzzer target for the decoder of summaries. Tests/Fuzz/run compiles it with the sources of
// Federation as one module.

import Foundation
import JSON

/// Called by libFuzzer with each body; traps if an invariant does not hold.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let body = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        let summary = try Summary(decoding: body)
        checkAccepted(summary, body)
    } catch {
        checkRefused(error, body)
    }
    return 0
}

/// Stops the fuzzer with `sentence`; an optimized precondition would drop it.
private func require(_ holds: Bool, _ sentence: String) {
    if !holds { fatalError(sentence) }
}

/// The invariants of an accepted summary.
private func checkAccepted(_ summary: Summary, _ body: [UInt8]) {
    for text in [summary.nodeID, summary.version, summary.instance ?? ""] {
        require(text.unicodeScalars.count <= 128, "a string must be bounded")
    }
    require(!summary.nodeID.isEmpty && summary.nodeID.utf8.count <= 512, "node_id")
    for text in [summary.nodeID, summary.version] {
        require(
            text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) },
            "node_id and version must have no control character"
        )
    }
    require(summary.ts > 0 && summary.ts.isFinite, "ts")
    let metrics = summary.metrics
    let parts = metrics.components
    for ratio in [metrics.gamma, metrics.gStar, parts.progress, parts.novelty, parts.consistency] {
        require(ratio >= 0 && ratio <= 1, "a ratio must be from 0 to 1")
    }
    for distance in [metrics.hopfDistance, metrics.spectralRadius] {
        require(distance >= 0 && distance.isFinite, "a distance must be at least 0")
    }
    require(metrics.peerQuality.isFinite && metrics.stabilityMargin.isFinite, "finite")

    guard let again = try? Summary(decoding: summary.encoded()) else {  // for any reason
        fatalError("an encoded summary must decode")
    }
    require(again == summary, "an encoded summary must decode to the same summary")

    require(isAcceptable(body), "an accepted body must be JSON")
    if let object = foundationObject(body) as? [String: Any] {
        require(isSame(summary, object), "the values must be those that Foundation reads")
    }
}

/// Whether Foundation reads the same values.
private func isSame(_ summary: Summary, _ object: [String: Any]) -> Bool {
    func holds(_ text: String?, _ found: Any?) -> Bool {
        scalars(text) == scalars(found as? String)
    }
    // Foundation drops a byte order mark at the start of a string.
    func scalars(_ text: String?) -> [Unicode.Scalar]? {
        text.map { $0.unicodeScalars.filter { $0 != "\u{FEFF}" } }
    }
    func holds(_ number: Double, _ found: Any?) -> Bool {
        // Compares the digits, because Foundation's double of a long integer is off by up to 1e-15.
        guard let found = (found as? NSNumber).flatMap({ Double($0.stringValue) }) else {
            return false
        }
        return abs(found - number) <= abs(number) * 1e-15
    }
    guard let metrics = object["metrics"] as? [String: Any],
        let parts = metrics["g_components"] as? [String: Any]
    else { return false }
    let read = summary.metrics
    return holds(summary.nodeID, object["node_id"]) && holds(summary.version, object["version"])
        && holds(summary.instance, object["instance"]) && holds(summary.ts, object["ts"])
        && holds(read.peerQuality, metrics["peer_quality"])
        && holds(read.stabilityMargin, metrics["stability_margin"])
        && holds(read.hopfDistance, metrics["hopf_distance"])
        && holds(read.spectralRadius, metrics["spectral_radius"])
        && holds(read.gamma, metrics["gamma"]) && holds(read.gStar, metrics["g_star"])
        && holds(read.components.progress, parts["progress"] ?? parts["P"])
        && holds(read.components.novelty, parts["novelty"] ?? parts["N"])
        && holds(read.components.consistency, parts["consistency"] ?? parts["Cc"])
}

/// The invariants of a fault.
private func checkRefused(_ fault: SummaryFault, _ body: [UInt8]) {
    require(fault.description.utf8.count <= 200, "a description must be short")
    require(fault.reason.errorType == .validation, "a refused body is a validation error")
    guard case .notJSON(let found) = fault else {
        require(isAcceptable(body), "a body refused for another reason must be JSON")
        return
    }
    require(0...body.count ~= found.offset, "the offset of a fault must be in the body")
    require(
        isStricter(found, body) || !isJSONToFoundation(body),
        "a refused body must not be JSON"
    )
}

/// Whether the body is refused on purpose although Foundation accepts it.
private func isStricter(_ fault: JSONFault, _ body: [UInt8]) -> Bool {
    if body.contains(0) { return true }  // it reads UTF-16 and UTF-32 too
    return switch fault.rule {
    // Rules of the contract, not of JSON.
    case .byteOrderMark, .duplicateKey, .longNumber, .tooDeep: true
    // Foundation accepts a comma before a closing bracket.
    case .unexpectedByte: [UInt8(ascii: "]"), UInt8(ascii: "}")].contains(body[fault.offset])
    default: false
    }
}

/// Whether Foundation accepts the body too; it refuses numbers beyond a double anywhere.
private func isAcceptable(_ body: [UInt8]) -> Bool {
    isJSONToFoundation(body) || hasHugeNumber(body)
}

/// Whether something in the body looks like a number beyond a double.
private func hasHugeNumber(_ body: [UInt8]) -> Bool {
    let numeric = Array("0123456789+-.eE".utf8)
    return body.split { !numeric.contains($0) }
        .contains { token in
            Double(String(decoding: token, as: UTF8.self))?.isInfinite ?? false
        }
}

private func isJSONToFoundation(_ body: [UInt8]) -> Bool {
    foundationObject(body) != nil
}

private func foundationObject(_ body: [UInt8]) -> Any? {
    // The error does not matter.
    try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)
}
