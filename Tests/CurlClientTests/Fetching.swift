import CurlClient
import Glibc
import TestSupport
import Testing

extension FetchLimits {
    /// Small bounds, as a test wants them.
    static func small(kept: Int = 256, caFile: String? = nil) -> FetchLimits {
        FetchLimits(
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

extension FetchRequest {
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
    func fetch(
        _ requests: [FetchRequest],
        within limit: Duration = .seconds(40)
    ) async throws -> [Int: FetchResult] {
        let end = CurlClient.now() + limit.components.seconds * 1_000_000_000
        var answers: [Int: FetchResult] = [:]
        start(requests)
        while answers.count < requests.count, CurlClient.now() < end {
            for got in await collect(until: end) {
                #expect(answers[got.key] == nil, "key \(got.key) came back twice")
                answers[got.key] = got
            }
        }
        guard answers.count == requests.count else {
            throw TestTrouble("Of \(requests.count) GETs \(answers.count) came back in \(limit).")
        }
        return answers
    }

    /// Makes one GET.
    func fetch(_ request: FetchRequest) async throws -> FetchResult {
        try #require(await fetch([request])[request.key])
    }
}

extension FetchResult {
    /// The outcome in a few words: `document 200, 5 bytes`, or `bodyTooLarge in body, 200`.
    var words: String {
        switch outcome {
        case .document(let body, let status): "document \(status), \(body.count) bytes"
        case .failed(let failure):
            "\(failure.cause) in \(failure.phase)" + (failure.status.map { ", \($0)" } ?? "")
        }
    }

    /// The failure, if it is one.
    var failure: FetchFailure? {
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
