import Federation
import PeerSync
import TestSupport

/// What a lying node answers instead of its summary.
enum Lie: CaseIterable {
    case truth
    case lowestGStar
    case highestGStar
    case aboveRange
    case belowRange
    case halfABody
    case noObject
    case missingField
    case wrongType
    case anotherNodesID
    case theAskersID
    case oneMoreID
    case farFuture
    case brokenGovernor
    case elsewhere
    case tooMuch
    case compressed
    case gibberish
    case late

    /// How many seconds a lying node delays its answer.
    var delaySeconds: Double { self == .late ? 2.2 : 0 }

    /// The answer of a lying node whose honest summary is `summary`.
    ///
    /// `asker` is the node id of the puller, `other` that of some node.
    func answer(
        _ summary: Summary,
        asker: String,
        other: String,
        using generator: inout SeededGenerator
    ) -> FinishedPull.Result {
        var claimed = summary
        switch self {
        case .truth, .late: break
        case .lowestGStar: claimed.metrics.gStar = 0
        case .highestGStar: claimed.metrics.gStar = 1
        case .anotherNodesID: claimed.nodeID = other
        case .theAskersID:
            claimed.nodeID = asker
            if generator.next() % 2 == 0 { claimed.instance = nil }
        case .oneMoreID: claimed.nodeID = "liar-\(generator.next() % 1_000)"
        case .farFuture: claimed.ts = 4e12
        case .aboveRange: return edited(summary, "\"g_star\":", "\"g_star\":1.5,\"was\":")
        case .belowRange: return edited(summary, "\"gamma\":", "\"gamma\":-1e-9,\"was\":")
        case .missingField: return edited(summary, "\"novelty\":", "\"novel\":")
        case .wrongType: return edited(summary, "\"g_star\":", "\"g_star\":\"1\",\"was\":")
        case .halfABody:
            let body = summary.encoded()
            return .answered(body: Array(body.prefix(body.count / 2)), status: 200)
        case .noObject: return .answered(body: Array("[]".utf8), status: 200)
        case .brokenGovernor: return .failed(Failure(.httpStatus, stage: .body, status: 500))
        case .elsewhere: return .failed(Failure(.redirected, stage: .body, status: 302))
        case .tooMuch: return .failed(Failure(.tooLarge, stage: .body, status: 200))
        case .compressed: return .failed(Failure(.badEncoding, stage: .body, status: 200))
        case .gibberish: return .failed(Failure(.badHTTP, stage: .firstByte))
        }
        return .answered(body: claimed.encoded(), status: 200)
    }

    /// The body of `summary` with one text replaced.
    private func edited(_ summary: Summary, _ text: String, _ other: String) -> FinishedPull.Result
    {
        let body = String(decoding: summary.encoded(), as: UTF8.self)
        return .answered(body: Array(body.replacing(text, with: other).utf8), status: 200)
    }
}
