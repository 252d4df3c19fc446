/// A Unix time as a date and a time of day in UTC, in whole seconds.
///
/// Written without Foundation, whose formatters would cost memory.
package struct UTCTime: Hashable, Sendable {
    /// Such as `2027-01-15`.
    package let date: String
    /// Such as `08:00:00`.
    package let time: String

    /// Nil outside the years 1970 to 9999.
    package init?(unix seconds: Double) {
        guard (0..<253_402_300_800).contains(seconds) else { return nil }
        let whole = Int(seconds)
        let (year, month, day) = Self.civil(days: whole / 86_400)
        let second = whole % 86_400
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        date = "\(year)-\(two(month))-\(two(day))"
        time = "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
    }

    /// The Gregorian date of a day after 1970-01-01.
    ///
    /// Years begin in March here, so that the leap day is the last of its year. 400 such years have
    /// 146,097 days, and the days before month m of a year are (153 m + 2) / 5.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}
