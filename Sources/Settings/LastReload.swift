/// The result of the last reload.
package struct LastReload: Hashable, Sendable {
    /// Whether it succeeded; startup counts as a successful reload.
    package var isGood: Bool
    /// The time of the last successful reload, or of startup, in Unix seconds.
    package var lastGood: Double

    package init(isGood: Bool, lastGood: Double) {
        (self.isGood, self.lastGood) = (isGood, lastGood)
    }
}
