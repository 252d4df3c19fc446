import Federation

/// Says what this node's own numbers are, in the form of a summary.
protocol SummarySource: Sendable {
    /// What the source says now; nil if it is as it was at the last call.
    func read() async -> SourceReading?
}

/// What one look at a source came to.
typealias SourceReading = Result<SourceNumbers, SourceFault>

/// The numbers that a source gave.
struct SourceNumbers: Hashable, Sendable {
    var metrics: SummaryNumbers
    /// Unix seconds at which they were fixed, as the source says.
    var ts: Double
    /// 0...1; nil from a source that does not say.
    var triCoherence: Double?
}

/// Why a local source gives no numbers.
enum SourceFault: Error, Hashable, CustomStringConvertible {
    case unreadable(String)
    case refused(SummaryFault)
    case badCoherence
    case notPulled(Failure)
    /// Our own numbers came back.
    case isReader

    var description: String {
        switch self {
        case .unreadable(let cause): cause
        case .refused(let fault): "is no summary: \(fault)"
        case .badCoherence: "is no summary: tri_coherence must be a number from 0 to 1, or null"
        case .isReader: "is this node itself, which has no numbers but those of its source"
        case .notPulled(let failure):
            "was not pulled: \(failure.reason.rawValue)"
                + (failure.stage.map { " in \($0.rawValue)" } ?? "")
                + (failure.status.map { ", status \($0)" } ?? "")
                + (failure.detail.isEmpty ? "" : ": \(failure.detail)")
        }
    }
}
