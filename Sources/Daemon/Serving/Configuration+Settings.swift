import MicroHTTPServer
import Settings

extension Configuration {
    /// The listener that the settings ask for.
    init(settings: Settings) {
        self.init(host: settings.bind.host, port: settings.bind.port)
        maxConnections = settings.maxConnections
        maxConnectionsPerAddress = settings.maxConnectionsPerAddress
        maxResponseBytes = settings.maxResponseBytes
        idleTimeout = settings.listenerIdleTimeout
    }
}
