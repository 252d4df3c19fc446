import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Host

/// Blocking work with a deadline.
@Suite struct BlockingWorkTests {
    private func isLate(_ outcome: BlockingWork.Outcome<Int>) -> Bool {
        if case .late = outcome { true } else { false }
    }

    private func value(_ outcome: BlockingWork.Outcome<Int>) -> Int? {
        if case .done(let value) = outcome { value } else { nil }
    }

    @Test(.timeLimit(.minutes(1)))
    func `hung work is late at its deadline, and the next work runs on another thread`()
        async throws
    {
        let work = BlockingWork("test", maximumStuck: 2)
        let release = DispatchSemaphore(value: 0)
        defer { for _ in 0..<2 { release.signal() } }
        for _ in 0..<2 {
            let start = ContinuousClock.now
            let hung = await work.run(within: .milliseconds(50)) {
                release.wait()
                return 1
            }
            #expect(isLate(hung))
            #expect(ContinuousClock.now - start < .seconds(5))
            if await work.run(within: .seconds(10), { 2 }).isDone { continue }
            // Both threads are stuck, so nothing is started.
            let hasRun = Mutex(false)
            let refused = await work.run(within: .seconds(10)) {
                hasRun.withLock { $0 = true }
                return 3
            }
            #expect(isLate(refused) && !hasRun.withLock(\.self))
        }
        release.signal()
        let works = await becomesTrue(within: .seconds(10)) {
            value(await work.run(within: .seconds(10)) { 4 }) == 4
        }
        #expect(works, "a thread whose work has returned is used again")
    }
}

extension BlockingWork.Outcome {
    fileprivate var isDone: Bool {
        if case .done = self { true } else { false }
    }
}
