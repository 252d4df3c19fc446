extension Double {
    /// This number clamped to 0...1; what is not a number is 0.
    package var clampedToUnit: Double {
        self > 0 ? Swift.min(self, 1) : 0
    }
}
