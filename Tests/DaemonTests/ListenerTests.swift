import MicroHTTPServer
import Testing

@testable import Daemon
@testable import Settings

@Suite struct ListenerTests {
    @Test(arguments: [(0.1, 120), (1, 120), (30, 120), (40, 120), (60, 180), (3_600, 10_800)])
    func `the listener keeps an idle connection for three intervals and at least two minutes`(
        interval: Double,
        seconds: Int
    ) {
        var settings = Settings(fileLimit: 1_024)
        settings.interval = .seconds(interval)
        #expect(Configuration(settings: settings).idleTimeout == .seconds(seconds))
    }
}
