import Foundation
import Glibc
import Synchronization

/// Peers in one nginx that serve summaries over TLS and log who asked.
package final class TLSPeers: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryDirectory
    private let addresses: [String]
    private let port: Int
    private let read = Mutex(ReadLog())

    /// The log as far as it was read.
    private struct ReadLog {
        var offset: UInt64 = 0
        /// The latest request to each peer, by address.
        var latest: [String: Request] = [:]
    }

    /// A request as nginx logged it.
    package struct Request: Sendable {
        package let address: String
        /// The number of the connection, and of the request on it, both from 1.
        package let connection: Int
        package let ordinal: Int
        /// The subject of the client's certificate; `-` without one.
        package let client: String
        package let authorization: String
    }

    /// Starts them.
    ///
    /// - Parameters:
    ///   - count: The number of peers, at addresses from 127.5.0.1 on.
    ///   - authority: Signs their certificate.
    ///   - clientAuthorities: The path of the authorities of clients; nil to accept all.
    /// - Throws: If nginx does not start.
    package init(
        count: Int,
        authority: TestAuthority,
        clientAuthorities: String? = nil
    ) async throws {
        let folder = try TemporaryDirectory()
        let port = try freePort(on: "127.5.0.1")
        let addresses = (1...count).map { "127.5.0.\($0)" }
        (self.folder, self.port, self.addresses) = (folder, port, addresses)
        let own = try await authority.sign(
            "peers",
            names: addresses.map { "IP:\($0)" }.joined(separator: ",")
        )
        let listeners = addresses.map { "listen \($0):\(port) ssl;" }.joined(separator: "\n")
        let summary = """
            {"node_id":"$server_addr","ts":$msec,"version":"1","metrics":{"peer_quality":0.7,\
            "stability_margin":0.08,"hopf_distance":0.175,"spectral_radius":0.245,"gamma":0.7,\
            "g_components":{"progress":0,"novelty":0,"consistency":1},"g_star":0.3},\
            "sig":null,"instance":"0000beef"}
            """
        let verification =
            clientAuthorities.map { "ssl_client_certificate \($0);\nssl_verify_client on;" } ?? ""
        let configuration = """
            daemon off;
            worker_processes 1;
            pid \(folder.file("nginx.pid"));
            events {}
            http {
                log_format seen '$server_addr|$connection|$connection_requests|$ssl_client_s_dn|'
                    '$http_authorization';
                access_log \(folder.file("seen")) seen;
                keepalive_requests 1000000;
                keepalive_timeout 1h;
                server {
                    \(listeners)
                    ssl_certificate \(own.certificate);
                    ssl_certificate_key \(own.key);
                    ssl_protocols TLSv1.2 TLSv1.3;
                    \(verification)
                    location / { default_type application/json; return 200 '\(summary)'; }
                }
            }
            """
        process = try ChildProcess(
            tool(named: "nginx", package: "nginx-light"),
            ["-e", "stderr", "-c", folder.write(configuration, to: "nginx.conf")]
        )
        let isListening = await becomesTrue(within: .seconds(10)) {
            (try? Socket.connected(to: addresses[0], port: port)) != nil
        }
        guard isListening else { throw TestError("nginx does not start: \(process.log)") }
    }

    deinit {
        // Before it is killed, so that its worker ends too.
        process.send(SIGTERM)
        for _ in 0..<300 where process.poll() == nil { usleep(10_000) }
        process.kill()
    }

    package var urls: [String] { addresses.map { "https://\($0):\(port)" } }

    /// The requests so far, in order; the last may be incomplete and missing.
    package var requests: [Request] {
        get throws {
            String(decoding: try contents(of: folder.file("seen")), as: UTF8.self)
                .split(separator: "\n")
                .compactMap(Request.init)
        }
    }

    /// Whether the latest request to every peer came from this client with this token.
    package func haveSeen(_ client: String, _ token: String) throws -> Bool {
        try read.withLock { log in
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.file("seen")))
            try file.seek(toOffset: log.offset)
            let text = try file.readToEnd() ?? Data()
            let whole = text[..<(text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex)]
            log.offset += UInt64(whole.count)
            for line in String(decoding: whole, as: UTF8.self).split(separator: "\n") {
                guard let request = Request(line) else { continue }
                log.latest[request.address] = request
            }
            return addresses.allSatisfy {
                log.latest[$0]?.client == client
                    && log.latest[$0]?.authorization == "Bearer \(token)"
            }
        }
    }
}

extension TLSPeers.Request {
    /// Reads a line of the log; nil if it is incomplete.
    fileprivate init?(_ line: Substring) {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        guard fields.count == 5, let connection = Int(fields[1]), let ordinal = Int(fields[2])
        else { return nil }
        self.init(
            address: String(fields[0]),
            connection: connection,
            ordinal: ordinal,
            client: String(fields[3]),
            authorization: String(fields[4])
        )
    }
}
