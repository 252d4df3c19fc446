import Foundation
package import Testing

/// How often a condition that a test waits for is looked at.
let pollingPause = Duration.milliseconds(10)

/// Waits until `condition` holds; if it does not within `limit`, records that `sentence` is false.
///
/// - Returns: whether it came to hold.
@discardableResult
package func eventually(
    _ sentence: String,
    within limit: Duration = .seconds(10),
    sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    if try await holds(within: limit, condition) { return true }
    Issue.record("Not within \(limit): \(sentence)", sourceLocation: sourceLocation)
    return false
}

/// Whether `condition` comes to hold within `limit`.
package func holds(
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

/// Runs blocking `work` on a thread of its own, so that it keeps no task waiting for a place.
package func onOwnThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try work() })
        }
    }
}
