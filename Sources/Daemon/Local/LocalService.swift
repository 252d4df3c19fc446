import ServiceLifecycle

/// Fixes this node's own numbers again and again until the group shuts down.
struct LocalService: Service {
    let local: LocalNode<SystemTime>
    /// Called once, when the first numbers are fixed or the source gave none.
    let whenTicked: @Sendable () -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await local.run(whenTicked: whenTicked)
        }
    }
}
