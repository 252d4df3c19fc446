import ClientTLS
import CurlClient
import Foundation
import Glibc
import TestSupport
import Testing
import Timing

extension FetchLimits {
    /// Small limits for tests.
    static func small(kept: Int = 256, tls: TLSOptions = TLSOptions()) -> FetchLimits {
        FetchLimits(
            bodyBytes: 65_536,
            headerBytes: 32_768,
            keptConnections: kept,
            idleTime: .seconds(120),
            tls: tls,
            userAgent: "test/1",
            accept: "application/json"
        )
    }
}

extension TLSOptions {
    /// Trusts the certificates of a PEM file, and presents a certificate.
    init(
        trusting authorities: String,
        presenting pair: TestAuthority.Pair? = nil
    ) throws {
        self.init()
        self.authorities = try TrustStore(trusting: contents(of: authorities))
        certificate = try pair.map {
            try OwnCertificate(chain: contents(of: $0.certificate), key: contents(of: $0.key))
        }
    }
}

extension FetchRequest {
    /// A request for the document of a peer.
    init(_ key: Int, of peer: ScriptedPeer, timeout: Duration = .seconds(10)) {
        self.init(key: key, at: peer.url, timeout: timeout)
    }

    /// A request for a document below `url`, whose host is an address.
    init(key: Int, at url: String, timeout: Duration = .seconds(10)) {
        self.init(
            key: key,
            url: "\(url)/document",
            name: nil,
            port: 0,
            timeout: timeout
        )
    }

    /// A request for a document of a host that must be looked up.
    init(key: Int, of name: String, port: Int, timeout: Duration = .seconds(10)) {
        self.init(
            key: key,
            url: "http://\(name):\(port)/document",
            name: name,
            port: UInt16(port),
            timeout: timeout
        )
    }
}

extension CurlClient {
    /// Fetches `requests` and returns their results by key; fails if one is missing after `limit`.
    func fetch(
        _ requests: [FetchRequest],
        within limit: Duration = .seconds(40)
    ) async throws -> [Int: FetchResult] {
        let end = SystemClock.now + limit
        var results: [Int: FetchResult] = [:]
        start(requests)
        while results.count < requests.count, SystemClock.now < end {
            for result in await collect(until: end) {
                #expect(results[result.key] == nil, "key \(result.key) has two results")
                results[result.key] = result
            }
        }
        guard results.count == requests.count else {
            throw TestError(
                "\(results.count) of \(requests.count) fetches ended within \(limit)."
            )
        }
        return results
    }

    /// Fetches one document.
    func fetch(_ request: FetchRequest) async throws -> FetchResult {
        try #require(await fetch([request])[request.key])
    }
}

extension FetchResult {
    /// A short text of the outcome: `document 200, 5 bytes`, or `bodyTooLarge in body, 200`.
    var words: String {
        switch outcome {
        case .document(let body, let status): "document \(status), \(body.count) bytes"
        case .failed(let failure):
            "\(failure.cause) in \(failure.phase)" + (failure.status.map { ", \($0)" } ?? "")
        }
    }

    /// The failure; nil for a document.
    var failure: FetchFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }
}

/// Raises the file limit of this process to its maximum.
func raiseFileLimit() {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    unsafe getrlimit(kind, &limit)
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(kind, &limit)
}

/// The moment `span` from now.
func soon(_ span: Duration) -> Instant { SystemClock.now + span }

extension Instant {
    /// A moment of a clock that started at zero.
    static func second(_ seconds: Double) -> Instant { Instant(seconds: seconds) }
}
