import Federation

/// A source of this node's own numbers, which have the form of a summary.
protocol SummarySource: Sendable {
    /// The numbers of the source; nil if they are unchanged since the last call.
    func read() async -> SourceReading?
}

/// The result of reading a source once.
typealias SourceReading = Result<SourceNumbers, SourceFault>

/// The numbers of a source.
struct SourceNumbers: Hashable, Sendable {
    var metrics: SummaryNumbers
    /// Unix seconds at which the source computed them.
    var ts: Double
    /// 0...1; nil if the source has none.
    var triCoherence: Double?
}

/// Why a local source gives no numbers.
enum SourceFault: Error, Hashable, CustomStringConvertible {
    case unreadable(String)
    case refused(SummaryFault)
    case badCoherence
    case notPulled(Failure)
    /// The source returned our own numbers.
    case isReader

    var description: String {
        switch self {
        case .unreadable(let cause): cause
        case .refused(let fault): "is not a summary: \(fault)"
        case .badCoherence:
            "is not a valid source: tri_coherence must be a number from 0 to 1, or null"
        case .isReader:
            "is this node itself; set NOVA_FED_LOCAL_SOURCE to the URL of the Nova beside it"
        case .notPulled(let failure):
            "could not be pulled: \(failure.reasonAndStage)"
                + (failure.status.map { ", status \($0)" } ?? "")
                + (failure.detail.isEmpty ? "" : ": \(failure.detail)")
        }
    }
}
