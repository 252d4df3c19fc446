package import Federation
internal import Timing

extension Observation {
    /// Validates the body of a finished pull; nil if a delay of this process makes it meaningless.
    package init?(of pull: FinishedPull, by time: some Timekeeper) {
        let outcome: Result<Summary, Failure>
        switch pull.result {
        case .heldUp: return nil
        case .failed(let failure): outcome = .failure(failure)
        case .answered(let body, let status):
            do throws(SummaryFault) {
                outcome = .success(try Summary(decoding: body))
            } catch {
                outcome = .failure(Failure(error.reason, status: status, detail: error.description))
            }
        }
        self.init(
            index: pull.index,
            received: pull.at,
            wall: time.wallNow - time.now.seconds(since: pull.at),
            timings: pull.timings,
            outcome: outcome
        )
        certificate = pull.certificate
    }
}
