import CurlClient
import Glibc
import TestSupport
import Testing

extension Limits {
    /// Small bounds, as a test wants them.
    static func small(kept: Int = 256, caFile: String? = nil) -> Limits {
        Limits(
            bodyBytes: 65_536,
            headerBytes: 32_768,
            keptConnections: kept,
            idleTime: .seconds(120),
            caFile: caFile,
            userAgent: "test/1",
            accept: "application/json"
        )
    }
}

extension Get {
    /// A GET of a document of `peer`.
    init(_ key: Int, of peer: ScriptedPeer, timeout: Duration = .seconds(10)) {
        self.init(key: key, at: peer.url, timeout: timeout)
    }

    /// A GET of a document below `url`, whose host is an address.
    init(key: Int, at url: String, timeout: Duration = .seconds(10)) {
        self.init(
            key: key,
            url: "\(url)/document",
            name: nil,
            port: 0,
            timeout: Int64(timeout / .nanoseconds(1))
        )
    }

    /// A GET of a document of a host that has to be looked up.
    init(key: Int, of name: String, port: Int, timeout: Duration = .seconds(10)) {
        self.init(
            key: key,
            url: "http://\(name):\(port)/document",
            name: name,
            port: UInt16(port),
            timeout: Int64(timeout / .nanoseconds(1))
        )
    }
}

extension CurlClient {
    /// Makes all of `gets` and gives their ends by key; each must come exactly once, and in time.
    func fetch(_ gets: [Get], within limit: Duration = .seconds(40)) async throws -> [Int: Got] {
        let end = CurlClient.now() + limit.components.seconds * 1_000_000_000
        var answers: [Int: Got] = [:]
        start(gets)
        while answers.count < gets.count, CurlClient.now() < end {
            for got in await collect(until: end) {
                #expect(answers[got.key] == nil, "key \(got.key) came back twice")
                answers[got.key] = got
            }
        }
        guard answers.count == gets.count else {
            throw TestTrouble("Of \(gets.count) GETs \(answers.count) came back in \(limit).")
        }
        return answers
    }

    /// Makes one GET.
    func fetch(_ get: Get) async throws -> Got {
        try #require(await fetch([get])[get.key])
    }
}

extension Got {
    /// The outcome in a few words: `document 200, 5 bytes`, or `bodyTooLarge in body, 200`.
    var words: String {
        switch outcome {
        case .document(let body, let status): "document \(status), \(body.count) bytes"
        case .failed(let failure):
            "\(failure.cause) in \(failure.phase)" + (failure.status.map { ", \($0)" } ?? "")
        }
    }

    /// The failure, if it is one.
    var failure: GetFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

/// Lets this process have as many descriptors as it may.
func raiseFileLimit() {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    unsafe getrlimit(kind, &limit)
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(kind, &limit)
}

/// A moment of the client's clock that is `span` away.
func soon(_ span: Duration) -> Int64 {
    CurlClient.now() + span.components.attoseconds / 1_000_000_000
        + span.components.seconds * 1_000_000_000
}
