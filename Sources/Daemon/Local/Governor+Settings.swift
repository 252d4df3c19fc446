import Federation
import Settings

extension Governor {
    init(settings: Settings) {
        self.init(
            constants: settings.governor,
            context: Context(
                mode: settings.contextMode,
                minPeers: settings.contextMinPeers,
                hysteresis: settings.contextHysteresis
            )
        )
    }

    /// Applies changed settings, and keeps what was learned.
    mutating func apply(_ settings: Settings) {
        constants = settings.governor
        context.mode = settings.contextMode
        context.minPeers = settings.contextMinPeers
        context.hysteresis = settings.contextHysteresis
    }
}
