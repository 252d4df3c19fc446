package import Federation
internal import Timing

extension Observation {
    /// The observation from a finished pull; nil if a delay of this process makes it meaningless.
    ///
    /// The body is validated here.
    package init?(of pull: FinishedPull, by time: some Timekeeper) {
        switch pull.result {
        case .heldUp: return nil
        case .failed(let failure): self.init(of: pull, .failure(failure), by: time)
        case .answered(let body, let status):
            do throws(SummaryFault) {
                self.init(of: pull, .success(try Summary(decoding: body)), by: time)
            } catch {
                let failure = Failure(error.reason, status: status, detail: error.description)
                self.init(of: pull, .failure(failure), by: time)
            }
        }
    }

    /// The observation from a finished pull with this outcome.
    package init(
        of pull: FinishedPull,
        _ outcome: Result<Summary, Failure>,
        by time: some Timekeeper
    ) {
        self.init(
            index: pull.index,
            received: pull.at,
            wall: time.wallNow - time.now.seconds(since: pull.at),
            timings: pull.timings,
            outcome: outcome
        )
    }
}
