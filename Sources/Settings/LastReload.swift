/// How the last reload went.
package struct LastReload: Hashable, Sendable {
    /// Whether it brought the settings that are now in the files.
    package var isGood: Bool
    /// Unix seconds of the last good one, or of the start.
    package var lastGood: Double

    package init(isGood: Bool, lastGood: Double) {
        (self.isGood, self.lastGood) = (isGood, lastGood)
    }
}
