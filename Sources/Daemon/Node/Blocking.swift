import Dispatch

/// Does what may block on a queue of its own, away from the threads that tasks share.
///
/// - Returns: What it came to; nil if the task was cancelled while it was still at it.
func blocking<Value: Sendable>(
    on queue: DispatchQueue,
    _ work: @escaping @Sendable () -> Value
) async -> Value? {
    let (values, value) = AsyncStream.makeStream(of: Value.self)
    queue.async {
        value.yield(work())
        value.finish()
    }
    for await value in values { return value }
    return nil
}
