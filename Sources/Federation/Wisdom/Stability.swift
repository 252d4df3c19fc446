import func Glibc.hypot

/// The constants of the model's 2x2 block, [[-a1, -a2], [kp, -kd]].
package struct Dynamics: Hashable, Sendable {
    package var a1 = 0.2
    package var a2 = 0.1
    package var kp = 0.3
    package var kd = 0.15
}

/// The stability of the model at one eta, from the eigenvalues of its Jacobian.
///
/// The Jacobian is a 3x3 block matrix: -eta, and the 2x2 block of `Dynamics`, which does not depend
/// on eta. With the default constants S equals eta up to 0.175.
package struct Stability: Hashable, Sendable {
    /// S = -max Re(lambda): the decay rate of the slowest disturbance; below 0 one grows.
    package let margin: Double
    /// H = min |Re(lambda)| over the oscillating modes, those with |Im(lambda)| > 0.001; infinite
    /// if there are none.
    package let hopfDistance: Double
    /// rho = max |lambda|, at least 0.
    package let spectralRadius: Double
    /// The S of the 2x2 block alone, which is the upper limit of S.
    package let blockMargin: Double

    /// A mode oscillates if its imaginary part is larger.
    private static let oscillation = 0.001

    /// Computes the eigenvalues in closed form.
    ///
    /// lambda = -eta and (t ± sqrt(d)) / 2, t = -(a1 + kd), d = (a1 - kd)^2 - 4 a2 kp.
    ///
    /// d < 0 gives an oscillating pair with re = t / 2 and im = sqrt(-d) / 2, otherwise there are
    /// two real roots. With the default constants and eta 0.08, S is 0.08, H 0.175 and rho 0.245.
    /// With kp = 0 nothing oscillates and H is infinite. With kp = -0.5 a root is positive and S is
    /// -0.05.
    package init(of block: Dynamics, eta: Double) {
        let t = -(block.a1 + block.kd)
        let d = (block.a1 - block.kd) * (block.a1 - block.kd) - 4 * block.a2 * block.kp
        let slowest: Double
        let radius: Double
        if d < 0 {
            let im = (-d).squareRoot() / 2
            slowest = t / 2
            radius = hypot(slowest, im)
            hopfDistance = im > Self.oscillation ? abs(slowest) : .infinity
        } else {
            let root = d.squareRoot()
            slowest = (t + root) / 2
            radius = max(abs(slowest), abs(t - root) / 2)
            hopfDistance = .infinity
        }
        blockMargin = -slowest
        margin = min(eta, blockMargin)
        spectralRadius = max(abs(eta), radius)
    }
}
