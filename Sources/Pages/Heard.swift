/// Who pulls this node, by the requests that it received.
package struct Heard: Hashable, Sendable {
    /// The number of clients that requested the summary within the last three intervals; see
    /// `Pullers`.
    var by: Int
    /// The seconds since the latest such request; nil before the first.
    var secondsAgo: Double?
    /// Whether there was no request within that time, although a client had requested it regularly.
    var isUnheard: Bool

    package init(by: Int = 0, secondsAgo: Double? = nil, isUnheard: Bool = false) {
        (self.by, self.secondsAgo, self.isUnheard) = (by, secondsAgo, isUnheard)
    }
}
