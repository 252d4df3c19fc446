import CurlClient
import Testing

@Test func `smoke`() async throws {
    let limits = Limits(
        bodyBytes: 65536, headerBytes: 32768, keptConnections: 1000, idleTime: .seconds(120), caFile: nil,
        userAgent: "x/1", accept: "application/json")
    let client = try CurlClient(limits: limits)
    var gets: [Get] = []
    for k in 0..<200 { gets.append(Get(key: k, url: "http://127.0.0.\(1 + k % 200):8099/", name: nil, port: 8099, timeout: .milliseconds(500))) }
    gets.append(Get(key: 200, url: "http://localhost:8099/", name: "localhost", port: 8099, timeout: .milliseconds(500)))
    gets.append(Get(key: 201, url: "http://nosuch.invalid:8099/", name: "nosuch.invalid", port: 8099, timeout: .milliseconds(500)))
    gets.append(Get(key: 202, url: "http://127.0.0.1:8098/", name: nil, port: 8098, timeout: .milliseconds(500)))
    for round in 0..<3 {
        var count = 0
        var toStart = gets
        while count < gets.count {
            let got = await client.exchange(starting: toStart, until: CurlClient.now() + 1_000_000_000)
            toStart = []
            count += got.count
            for g in got where g.key >= 198 { print(round, g) }
        }
    }
}
