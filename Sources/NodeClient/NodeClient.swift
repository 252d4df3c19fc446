package import ClientTLS
package import CurlClient
package import Federation
package import JSON
internal import Timing

/// Queries a running node over HTTP.
package struct NodeClient: Sendable {
    /// The base URL, without a slash at its end.
    package let url: String
    /// The host of the URL if it is a name.
    private let name: String?
    private let port: UInt16
    let client: CurlClient

    /// How long a node may take to respond.
    package static let timeout = Duration.seconds(5)
    /// The largest page that is read, in bytes; a page of 100,000 peers is smaller.
    package static let largestPage = 256 << 20

    /// `tls` is used if the URL is `https`; `largestPage` is in bytes.
    package init(
        _ node: Peer,
        tls: TLSOptions,
        largestPage: Int = largestPage
    ) throws(SystemError) {
        (url, name, port) = (node.url, node.hostName, node.port)
        var limits = FetchLimits(
            bodyBytes: largestPage,
            headerBytes: 32 * 1_024,
            keptConnections: 1,
            idleTime: .seconds(60),
            tls: tls,
            userAgent: "nova-federation",
            accept: "*/*"
        )
        limits.errorBodyBytes = 1_024
        client = try CurlClient(limits: limits)
    }

    /// The body of a page; from one task at a time.
    ///
    /// If the task is cancelled, the client must not be used again.
    package func get(
        _ path: String,
        within timeout: Duration = timeout
    ) async throws(NodeFailure) -> [UInt8] {
        let request = FetchRequest(
            key: 0,
            url: url + path,
            name: name,
            port: port,
            timeout: timeout
        )
        await client.start([request])
        while true {
            let results = await client.collect(until: SystemClock.now + timeout)
            guard let result = results.first else {
                if Task.isCancelled { throw .unreachable(url: url, detail: "cancelled") }
                continue
            }
            switch result.outcome {
            case .document(let body, _): return body
            case .failed(let failure): throw NodeFailure(failure, url: url, path: path)
            }
        }
    }

    /// A page in JSON; `member` is one that this page of every node has.
    package func json(
        _ path: String,
        with member: String,
        within timeout: Duration = timeout
    ) async throws(NodeFailure) -> JSONTree {
        let body = try await get(path, within: timeout)
        let page: JSONTree
        do throws(JSONFault) {
            page = try JSONTree(body)
        } catch {
            throw .notANode(url: url, detail: "\(path) is not JSON: \(error)")
        }
        if case .null = page[member] {
            throw .notANode(url: url, detail: "\(path) has no \(member)")
        }
        return page
    }

    /// The page at `/federation/health`.
    package func health(
        within timeout: Duration = timeout
    ) async throws(NodeFailure) -> JSONTree {
        try await json("/federation/health", with: "node_id", within: timeout)
    }

    /// The page at `/federation/wisdom`.
    package func wisdom() async throws(NodeFailure) -> JSONTree {
        try await json("/federation/wisdom", with: "peer_gstars")
    }
}

/// Why a request to a node failed.
package enum NodeFailure: Error, Hashable, Sendable {
    /// There was no response; the command exits with 69.
    case unreachable(url: String, detail: String)
    /// TLS failed; the command exits with 69.
    case insecure(url: String, detail: String)
    /// 401 or 403; the command exits with 77.
    case refused(url: String, status: Int)
    /// The node has no federation pages, because its federation is off.
    case federationOff(url: String)
    /// Another status.
    case status(url: String, path: String, Int)
    /// Another program responded.
    case notANode(url: String, detail: String)

    init(_ failure: FetchFailure, url: String, path: String) {
        switch failure.status {
        case nil where failure.cause.isTLS:
            self = .insecure(url: url, detail: failure.detailWithSettings)
        case nil: self = .unreachable(url: url, detail: failure.detail)
        case 404? where (try? JSONTree(failure.body))?["error"].string == "federation_disabled":
            self = .federationOff(url: url)
        case 401?, 403?: self = .refused(url: url, status: failure.status ?? 0)
        case let status?: self = .status(url: url, path: path, status)
        }
    }
}

extension NodeFailure: CustomStringConvertible {
    /// The failure without advice.
    package var cause: String {
        switch self {
        case .unreachable(_, let detail), .insecure(_, let detail): detail
        default: description
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let url, let detail):
            "no response from \(url): \(detail); check that the node is running and the URL right"
        case .insecure(let url, let detail): "TLS with \(url) failed: \(detail)"
        case .refused(let url, let status):
            "the node at \(url) refused the request with status \(status): "
                + Self.refusal(status, isSecure: url.hasPrefix("https:"))
        case .federationOff(let url):
            "the federation of the node at \(url) is off: FEDERATION_ENABLED is not 1"
        case .status(let url, let path, 404) where path.hasPrefix("/federation/"):
            "\(url)\(path) returned 404: the node is older, or the path of the URL is wrong"
        case .status(let url, let path, let status): "\(url)\(path) returned status \(status)"
        case .notANode(let url, let detail): "\(url) is not a nova-federation node: \(detail)"
        }
    }

    /// Why a node refuses requests with 401 or 403, and the settings for it.
    private static func refusal(_ status: Int, isSecure: Bool) -> String {
        guard isSecure else { return "commands send a certificate or a token only to https URLs" }
        return status == 401
            ? "it requires a client certificate or a token; set NOVA_FED_TLS_CERT_FILE and "
                + "NOVA_FED_TLS_KEY_FILE, or NOVA_FED_PEER_TOKEN_FILE, or name a file with --config"
            : "it does not accept the client certificate or the token of this command; check "
                + "NOVA_FED_TLS_CERT_FILE and NOVA_FED_PEER_TOKEN_FILE"
    }
}
