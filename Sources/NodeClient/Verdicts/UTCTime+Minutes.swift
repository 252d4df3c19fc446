internal import Timing

extension UTCTime {
    /// `03:12 UTC`, after the date if that is not the date of `moment`.
    func text(at moment: UTCTime?) -> String {
        let minutes = "\(time.dropLast(3)) UTC"
        return moment?.date == date ? minutes : "\(date) \(minutes)"
    }
}
