import MicroHTTPServer
import Settings

extension Configuration {
    /// The configuration of the listener by the settings.
    init(settings: Settings) {
        self.init(host: settings.bind.host, port: settings.bind.port)
        maxConnections = settings.maxConnections
        maxConnectionsPerAddress = settings.maxConnectionsPerAddress
        maxResponseBytes = settings.maxResponseBytes
        minimumTLS = settings.isTLS ? settings.minimumTLS : nil
        idleTimeout = settings.listenerIdleTimeout
    }
}
