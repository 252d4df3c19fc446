/// A Unix time as people read it, in UTC, to the minute.
struct UTCTime {
    private let minutes: Int

    /// Nil for a time before 1970 or after 9999.
    init?(_ seconds: Double) {
        guard (0..<253_402_300_800).contains(seconds) else { return nil }
        minutes = Int(seconds) / 60
    }

    private var day: Int { minutes / 1_440 }

    /// `03:12 UTC`, after the date if that is not the date of `moment`.
    func text(at moment: UTCTime?) -> String {
        let time = "\(Self.padded(minutes / 60 % 24)):\(Self.padded(minutes % 60)) UTC"
        return moment?.day == day ? time : "\(date) \(time)"
    }

    /// The Gregorian date.
    ///
    /// Years are counted from March, so that a leap day is the last of its year, and in eras of 400
    /// years, which have 146,097 days.
    private var date: String {
        let shifted = day + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let number = month < 10 ? month + 3 : month - 9
        return "\(year)-\(Self.padded(number))-\(Self.padded(dayOfMonth))"
    }

    private static func padded(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
