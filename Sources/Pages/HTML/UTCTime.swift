/// A Unix time as a date and a time of day in UTC.
///
/// Written without Foundation, whose formatters would cost this module memory.
struct UTCTime {
    /// In RFC 3339, in whole seconds: `2027-01-15T08:00:00Z`.
    let machine: String
    /// For people: `2027-01-15 08:00:00`.
    let text: String

    /// Nil outside the years 1970 to 9999.
    init?(unix seconds: Double) {
        guard seconds >= 0, seconds < 253_402_300_800 else { return nil }
        let whole = Int(seconds)
        let (year, month, day) = Self.civil(days: whole / 86_400)
        let second = whole % 86_400
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let date = "\(year)-\(two(month))-\(two(day))"
        let time = "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
        (machine, text) = ("\(date)T\(time)Z", "\(date) \(time)")
    }

    /// The date of a day after 1970-01-01.
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

    /// Words for the time of a beginning, with the time itself as their title.
    static func html(since seconds: Double, _ words: String) -> HTML {
        guard let time = UTCTime(unix: seconds) else { return "\(words)" }
        return """
            <time datetime="\(time.machine)" title="since \(time.text) UTC">\(words)</time>
            """
    }

    /// The time as an element, with `UTC`; a dash for a time that cannot be shown.
    static func html(_ seconds: Double?) -> HTML {
        guard let seconds, let time = UTCTime(unix: seconds) else { return "–" }
        return "<time datetime=\"\(time.machine)\">\(time.text) UTC</time>"
    }
}
