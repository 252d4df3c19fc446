/// How many jobs Slot 7 would be allowed at once, and why: shown, and never acted on.
package struct SlotSevenCap: Hashable, Sendable {
    /// The codes are those of Nova.
    package enum Reason: Int, CaseIterable, Sendable {
        case baseline = 0
        case reducedByStability = 1
        /// The governor is frozen, or S is below the margin at which jobs are frozen.
        case frozen = 2
    }

    /// The numbers of jobs, each at least 1, and the margins that choose among them.
    package struct Limits: Hashable, Sendable {
        package var baseline = 16
        package var reduced = 6
        package var frozen = 2
        /// The S below which jobs are reduced.
        package var reduceMargin = 0.03
        /// The S below which jobs are frozen.
        ///
        /// The usual one is above `reduceMargin`, as it is in Nova, and then nothing is reduced.
        package var freezeMargin = 0.05

        package init() {}

        /// max(1, min(frozen, baseline / 2)): 2 of 16, 5 of (10, 8), 1 of (1, 1).
        package var frozenJobs: Int { max(1, min(frozen, baseline / 2)) }

        /// max(frozenJobs + 1, min(reduced, baseline - 1)): 6 of 16, 9 of (10, 12); 2 of (1, 1),
        /// which is more than the baseline, as it is in Nova.
        package var reducedJobs: Int { max(frozenJobs + 1, min(reduced, baseline - 1)) }
    }

    package let jobs: Int
    package let reason: Reason

    /// The first of these that holds: frozen or S < 0.05, frozen; S < 0.03, reduced; baseline.
    ///
    /// Nova reads TRI signals too. There are none here, and none is as good as a fine one.
    ///
    /// - Parameters:
    ///   - margin: S; nil if nobody knows it.
    ///   - isFrozen: whether the governor is.
    ///   - limits: the jobs and the margins.
    package init(margin: Double?, isFrozen: Bool, limits: Limits) {
        if isFrozen || margin.map({ $0 < limits.freezeMargin }) == true {
            (jobs, reason) = (limits.frozenJobs, .frozen)
        } else if margin.map({ $0 < limits.reduceMargin }) == true {
            (jobs, reason) = (limits.reducedJobs, .reducedByStability)
        } else {
            (jobs, reason) = (limits.baseline, .baseline)
        }
    }
}
