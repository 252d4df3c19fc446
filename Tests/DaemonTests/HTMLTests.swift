import Foundation
import TestSupport
import Testing
import Timing

@testable import Pages

/// Markup, numbers and times of the pages for browsers.
@Suite struct HTMLTests {
    private static func text(_ html: HTML) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test func `text is escaped, and only literals are markup`() {
        let name = #"</p><script>alert("1")</script>&amp;'"#
        let escaped = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#39;"
        let shown = Self.text("<p title=\"\(name)\">\(name)</p>")
        #expect(shown == "<p title=\"\(escaped)\">\(escaped)</p>")
        let inner: HTML = "<b>\(name)</b>"
        #expect(Self.text("<i>\(inner)</i>") == "<i><b>\(escaped)</b></i>")
        let none: HTML? = nil
        #expect(Self.text("<i>\(none)\([inner, inner])</i>").count { $0 == "b" } == 4)
        #expect(Self.text("\(true ? "<b>" : "<i>")") == "&lt;b&gt;")
    }

    @Test(arguments: [
        ("\u{202E}", #"\u{202e}"#), ("\u{200F}", #"\u{200f}"#), ("\u{0}", #"\u{0}"#),
        ("\u{1B}", #"\u{1b}"#), ("\r", #"\u{d}"#), ("\u{2028}", #"\u{2028}"#), ("\n", "\n"),
        ("é漢\u{301}", "é漢\u{301}"),
    ])
    func `a character that is not visible is written as its number`(text: String, shown: String) {
        #expect(Self.text("\(text)").unicodeScalars.elementsEqual(shown.unicodeScalars))
        #expect(Self.text("\(isolated: text)") == "<bdi>\(shown)</bdi>")
    }

    @Test(arguments: [
        (0.0, "1970-01-01 00:00:00"), (951_782_399, "2000-02-28 23:59:59"),
        (951_782_400, "2000-02-29 00:00:00"), (4_107_542_399.9, "2100-02-28 23:59:59"),
        (4_107_542_400, "2100-03-01 00:00:00"), (1_795_333_008.5, "2026-11-22 07:36:48"),
        (253_402_300_799, "9999-12-31 23:59:59"),
    ])
    func `a Unix time is shown in UTC`(seconds: Double, text: String) throws {
        let time = try #require(UTCTime(unix: seconds))
        #expect(time.text == text)
        #expect(time.machine == text.replacing(" ", with: "T") + "Z")
        let date = Date(timeIntervalSince1970: seconds.rounded(.down))
        #expect(date.formatted(.iso8601) == time.machine)
    }

    @Test(arguments: [-1.0, .nan, .infinity, 253_402_300_800, -1e300] as [Double])
    func `a time outside the years 1970 to 9999 is a dash`(seconds: Double) {
        #expect(Self.text(UTCTime.html(seconds)) == "–")
    }

    @Test func `numbers have as many decimals as their column`() {
        #expect(
            [0.0, 0.005, 1, 0.999, -0.25, 12.345].map { $0.fixed(2) }
                == ["0.00", "0.01", "1.00", "1.00", "-0.25", "12.35"]
        )
        #expect([0.4, 99.5, 1e300, .nan].map { $0.fixed(0) } == ["0", "100", "1e+300", "nan"])
        let latencies = ["1.2\u{A0}ms", "250\u{A0}ms", "2.50\u{A0}s"]
        #expect([0.0012, 0.25, 2.5].map(\.asLatency) == latencies)
        let shares = ["0\u{A0}%", "50\u{A0}%", "99\u{A0}%", "100\u{A0}%"]
        #expect([0, 0.5, 0.999, 1].map(\.asPercentage) == shares)
        let ages = ["just now", "61\u{A0}s ago", "inf\u{A0}s ago"]
        #expect([0.2, 61, .infinity].map(\.ago) == ages)
        #expect(8_100.asDuration == "2\u{A0}h\u{A0}15\u{A0}min")
        #expect(
            [0, 999, 1_000, 10_000, -123_456, 1_234_567].map(\.grouped)
                == ["0", "999", "1,000", "10,000", "-123,456", "1,234,567"]
        )
        #expect("10000 down: a1000".withGroupedCount == "10,000 down: a1000")
        #expect("10.0.0.2 is down".withGroupedCount == "10.0.0.2 is down")
    }
}
