import Foundation
package import Testing

/// The pause between two checks of a condition.
let pollingPause = Duration.milliseconds(10)

/// Waits until `condition` is true; if it is not within `limit`, records `sentence` as an issue.
///
/// - Returns: Whether the condition became true.
@discardableResult
package func eventually(
    _ sentence: String,
    within limit: Duration = .seconds(10),
    sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    if try await becomesTrue(within: limit, condition) { return true }
    Issue.record("Not within \(limit): \(sentence)", sourceLocation: sourceLocation)
    return false
}

/// Whether `condition` becomes true within `limit`.
package func becomesTrue(
    within limit: Duration,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { return false }
        // A cancelled sleep ends at once, and the deadline still bounds the loop.
        try? await Task.sleep(for: pollingPause)
    }
    return true
}

/// Runs blocking `work` on a new thread, so that it occupies no thread of the task pool.
package func onNewThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try work() })
        }
    }
}
