import ArgumentParser

/// A command that runs on more threads than the main one.
protocol ThreadedCommand: AsyncParsableCommand, Sendable {
    /// How many it needs at most.
    static var threads: Int { get }
}

/// A command that handles SIGHUP, and `ProcessStart.hangUpCame`.
protocol HangUpHandling {}
