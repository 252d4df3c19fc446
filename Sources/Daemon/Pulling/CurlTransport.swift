import ClientTLS
import CurlClient
import Federation
import NodeClient
import PeerSync
import Settings
import Timing

/// Pulls with libcurl: translates between the types of `PeerSync` and those of `CurlClient`.
struct CurlTransport: Transport {
    let client: CurlClient

    func start(_ pulls: [Pull], timeout: Duration) async {
        let requests = pulls.map { pull in
            FetchRequest(
                key: pull.index,
                url: pull.url,
                name: pull.hostName,
                port: pull.peer.port,
                timeout: timeout
            )
        }
        await client.start(requests)
    }

    func collect(until: Instant, gathering: Duration) async -> [FinishedPull] {
        await client.collect(until: until, gathering: gathering).map(FinishedPull.init)
    }

    func interrupt() async { await client.interrupt() }

    func giveUp(_ peers: Set<Peer.Index>, names: Set<String>) async {
        await client.cancel(peers, names: names)
    }
}

extension Settings {
    /// The maximum number of idle connections: the file limit minus the descriptors of the
    /// listener, of the process itself and of the pulls in flight.
    var keptConnections: Int { max(0, allowedInFlight - maxInFlight) }
}

extension FetchLimits {
    /// The limits of a client that pulls summaries.
    init(_ loaded: LoadedSettings, keptConnections: Int) {
        let settings = loaded.settings
        self.init(
            bodyBytes: settings.maxBody,
            headerBytes: 32 * 1024,
            keptConnections: keptConnections,
            // A kept connection must survive the time between two pulls.
            idleTime: max(.seconds(120), settings.interval + settings.interval),
            tls: loaded.tls,
            userAgent: "nova-federation/\(ProductVersion.current)",
            accept: "application/json"
        )
    }
}

extension FinishedPull {
    init(_ fetch: FetchResult) {
        let times = fetch.times
        let timings = Timings(
            dns: times.dns,
            connect: times.connect,
            tls: times.tls,
            firstByte: times.firstByte,
            total: times.total,
            addressAge: times.addressAge,
            wasHeldUp: fetch.loopWasLate
        )
        let result: Result =
            switch fetch.outcome {
            case .document(let body, let status): .answered(body: body, status: status)
            case .failed(let failure) where failure.cause == .timedOut(loopWasLate: true):
                .heldUp(Failure(failure))
            case .failed(let failure): .failed(Failure(failure))
            }
        self.init(index: fetch.key, at: fetch.ended, timings: timings, result: result)
        certificate = fetch.certificate.map {
            PeerCertificate(
                subject: $0.subject,
                issuer: $0.issuer,
                expires: $0.expires,
                tlsVersion: $0.tlsVersion
            )
        }
    }
}

extension Failure {
    /// Maps a failed fetch to a failed pull.
    init(_ failure: FetchFailure) {
        let reason: FailureReason =
            switch failure.cause {
            case .nameNotFound: .dnsFailed
            case .connectRefused: .connectRefused
            case .connectFailed: .connectFailed
            case .tlsFailed, .certificateUntrusted, .certificateRequired, .certificateRefused:
                .tlsFailed
            case .timedOut: .timedOut
            case .connectionLost: .connectionLost
            case .badHTTP: .badHTTP
            case .status: .httpStatus
            case .redirected: .redirected
            case .bodyTooLarge, .headersTooLarge: .tooLarge
            case .badEncoding: .badEncoding
            case .internal: .internal
            }
        let stage: PullStage =
            switch failure.phase {
            case .dns: .dns
            case .connect: .connect
            case .tls: .tls
            case .firstByte: .firstByte
            case .body: .body
            }
        let isPlain = failure.contentType?.hasPrefix("text/plain") == true
        let detail =
            switch failure.cause {
            case .bodyTooLarge: "\(failure.detail), the limit that NOVA_FED_MAX_BODY sets"
            case .headersTooLarge: "\(failure.detail), a fixed limit"
            case .status where failure.status == 401:
                "the peer requires a token or a client certificate; set NOVA_FED_PEER_TOKEN_FILE "
                    + "or NOVA_FED_TLS_CERT_FILE, which only https peers get"
            case .status where failure.status == 403:
                "the peer does not accept the token (NOVA_FED_PEER_TOKEN_FILE) or the client "
                    + "certificate (NOVA_FED_TLS_CERT_FILE) of this node"
            default:
                isPlain && failure.status == 500
                    ? Self.novaWithoutNumbers : failure.detailWithSettings
            }
        self.init(reason, stage: stage, status: failure.status, detail: detail)
    }

    /// Such as `timed_out in first_byte`.
    var reasonAndStage: String {
        reason.rawValue + (stage.map { " in \($0.rawValue)" } ?? "")
    }

    /// Nova cannot encode an infinite number.
    ///
    /// Its Hopf distance is infinite until the first tick of its governor, and later while no mode
    /// oscillates. The response is the same in both cases.
    private static let novaWithoutNumbers =
        "a Nova whose wisdom governor is off answers this (it needs NOVA_WISDOM_GOVERNOR_ENABLED=1 "
        + "and NOVA_ENABLE_PROMETHEUS=1), and so does a Nova whose Hopf distance is infinite (no "
        + "mode oscillates, for example with NOVA_WISDOM_KP=0)"
}
