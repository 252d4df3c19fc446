extension Double {
    /// This number clamped to 0...1; NaN becomes 0.
    package var clampedToUnit: Double {
        self > 0 ? Swift.min(self, 1) : 0
    }
}
