/// The number of concurrent jobs that Slot 7 may run, and the reason; only shown.
package struct SlotSevenCap: Hashable, Sendable {
    /// The raw values are the codes of Nova.
    package enum Reason: Int, CaseIterable, Sendable {
        case baseline = 0
        case reducedByStability = 1
        /// The governor is frozen, or S is below `freezeMargin`.
        case frozen = 2
    }

    /// The numbers of jobs, each at least 1, and the margins that select among them.
    package struct Limits: Hashable, Sendable {
        package var baseline = 16
        package var reduced = 6
        package var frozen = 2
        /// The S below which jobs are reduced.
        package var reduceMargin = 0.03
        /// The S below which jobs are frozen.
        ///
        /// The default is above `reduceMargin`, as in Nova, so nothing is ever reduced.
        package var freezeMargin = 0.05

        /// max(1, min(frozen, baseline / 2)): 2 for a baseline of 16; 5 for (10, 8), 1 for (1, 1).
        package var frozenJobs: Int { max(1, min(frozen, baseline / 2)) }

        /// max(frozenJobs + 1, min(reduced, baseline - 1)): 6 for a baseline of 16; 9 for (10, 12);
        /// 2 for (1, 1), which exceeds the baseline, as in Nova.
        package var reducedJobs: Int { max(frozenJobs + 1, min(reduced, baseline - 1)) }
    }

    package let jobs: Int
    package let reason: Reason

    /// The first of these that holds: governor frozen or S < 0.05, frozen; S < 0.03, reduced;
    /// otherwise baseline.
    ///
    /// `margin` is S, nil if unknown. Nova also reads TRI signals. This node has none, which Nova
    /// treats like a good one.
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
