import Federation
import Testing

@testable import Daemon
@testable import Settings

/// The URL at which a command finds the node of its settings.
@Suite struct OwnURLTests {
    @Test(arguments: [
        ([:], "http://127.0.0.1:8100"),
        (["FEDERATION_BIND": "0.0.0.0:8101"], "http://127.0.0.1:8101"),
        (["FEDERATION_BIND": "[::]:8101"], "http://[::1]:8101"),
        (["FEDERATION_BIND": "[0:0::0]:8101"], "http://[::1]:8101"),
        (["FEDERATION_BIND": "[::1]:80"], "http://[::1]:80"),
        (["FEDERATION_BIND": "10.0.0.11:8100"], "http://10.0.0.11:8100"),
        (["FEDERATION_BIND": "[fd00::11]:8100"], "http://[fd00::11]:8100"),
        (["FEDERATION_BIND": "localhost:8100"], "http://localhost:8100"),
    ])
    func `it is the listener, or the loopback address if that listens on all addresses`(
        environment: [String: String],
        url: String
    ) throws {
        #expect(try load(environment).settings.ownURL.url == url)
    }
}
