import ServiceLifecycle

/// Runs the ticks of this node until the group shuts down.
struct LocalService: Service {
    let local: LocalNode<SystemTime>
    /// Called once, after the first tick.
    let whenTicked: @Sendable () -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown { await local.run(whenTicked: whenTicked) }
    }
}
