import ServiceLifecycle

/// Saves state and events until the group shuts down; `FederationNode` then saves once more.
struct StateService: Service {
    let keeper: StateKeeper
    let local: LocalNode<SystemTime>

    func run() async throws {
        await cancelWhenGracefulShutdown { await keeper.run(local: local) }
    }
}
