import ArgumentParser

/// A command that uses more threads than the main one.
protocol ThreadedCommand: AsyncParsableCommand, Sendable {
    /// The maximum number of threads.
    static var threads: Int { get }
}

/// A command that handles SIGHUP itself; SIGHUP ends the others.
protocol HangUpHandling {}
