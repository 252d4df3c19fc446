import Logging
import Synchronization

/// The least severe level that is logged, for every logger of the process; from any thread.
final class LogThreshold: Sendable {
    private let index: Atomic<Int>

    init(_ level: Logger.Level) {
        index = Atomic(Self.index(of: level))
    }

    var level: Logger.Level { Logger.Level.allCases[index.load(ordering: .relaxed)] }

    /// Changes it for what is logged from now on.
    func set(_ level: Logger.Level) {
        index.store(Self.index(of: level), ordering: .relaxed)
    }

    private static func index(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }
}
