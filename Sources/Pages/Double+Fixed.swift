extension Double {
    /// The number with this many decimals, 0 to 9; unrounded if it is too large for that.
    package func fixed(_ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        guard let scaled = Int(exactly: (magnitude * Double(scale)).rounded()) else {
            return "\(self)"
        }
        let sign = self < 0 && scaled > 0 ? "-" : ""
        let fraction = decimals == 0 ? "" : "." + String(scale + scaled % scale).dropFirst()
        return "\(sign)\(scaled / scale)\(fraction)"
    }
}
