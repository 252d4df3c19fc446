import Federation
import Testing

@Suite struct HistogramTests {
    @Test func `bounds are inclusive, and the last bucket takes values above all bounds`() {
        var histogram = Histogram(bounds: [1, 2])
        for value in [0.5, 1, 1.5, 2, 2.5, 100] { histogram.record(value) }
        #expect(histogram.counts == [2, 2, 2])
        #expect(histogram.count == 6)
        #expect(histogram.sum == 107.5)
    }

    @Test func `a new histogram is empty`() {
        let histogram = Histogram(bounds: Histogram.latencyBounds)
        #expect(histogram.count == 0)
        #expect(histogram.sum == 0)
        #expect(histogram.counts.count == 12)
    }
}
