import Foundation

/// Clients in Python that request one path of a node over TLS until they are stopped, each with a
/// kept connection or with a new one for each request.
package struct TLSClients: Sendable {
    private let process: ChildProcess

    /// What they got.
    package struct Report: Decodable, Sendable {
        package let requests: Int
        /// The first hundred requests that were not answered with 200, and why.
        package let failures: [String]
        /// The 99th percentile of the time of a request in seconds, with its connection.
        package let p99: Double
    }

    private struct Options: Encodable {
        var port: Int
        var authority: String
        var path: String
        var kept: Int
        var fresh: Int
        var pause: Double
        var credentials: String?
    }

    private static let program = """
        import http.client, json, math, os, signal, ssl, sys, threading, time
        options = json.load(sys.stdin)
        folder, count = options.get("credentials"), options["kept"] + options["fresh"]
        ended, lock, change = threading.Event(), threading.Lock(), threading.Condition()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        times, failures, using = [], [], [None] * count

        def generation(): return int(os.readlink(f"{folder}/now")) if folder else 0

        def open_connection(number, has_certificate):
            context = ssl.create_default_context(cafile=options["authority"])
            headers = {}
            if folder and has_certificate:
                context.load_cert_chain(f"{folder}/{number}/cert", f"{folder}/{number}/key")
            elif folder: headers = token(number)
            return http.client.HTTPSConnection(
                "127.0.0.1", options["port"], timeout=20, context=context), headers

        def token(number):
            with open(f"{folder}/{number}/token") as file:
                return {"Authorization": "Bearer " + file.read().strip()}

        def ask(connection, headers):
            connection.request("GET", options["path"], headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status

        def run(index):
            keeps, has_certificate = index < options["kept"], index % 2 == 0
            connection, number = None, None
            while not ended.is_set():
                latest, started = current, time.monotonic()
                try:
                    if connection is None or not keeps or latest != number and has_certificate:
                        if connection: connection.close()
                        connection, headers = open_connection(latest, has_certificate)
                    elif latest != number and folder: headers = token(latest)
                    number = latest
                    status = ask(connection, headers)
                    failure = None if status == 200 else f"{status}"
                except (OSError, http.client.HTTPException) as error:
                    failure, connection = repr(error), None
                with lock:
                    times.append(time.monotonic() - started)
                    if failure and len(failures) < 100:
                        failures.append(f"client {index}, credentials {number}: {failure}")
                using[index] = number
                with change: change.wait_for(lambda: current != number, options["pause"])

        def check_old(number):
            "Credentials that are not accepted any more, also on a connection from before."
            for what, (connection, headers) in [
                ("kept", held.pop(number)), ("certificate", open_connection(number, True)),
                ("token", open_connection(number, False)),
            ]:
                status = ask(connection, headers)
                connection.close()
                if status != 403: failures.append(f"old {what} of {number}: {status}")

        current, held, done = generation(), {}, None
        threads = [threading.Thread(target=run, args=[index]) for index in range(count)]
        for thread in threads: thread.start()
        while not ended.wait(0.01):
            with change:
                if current != generation():
                    current = generation()
                    change.notify_all()
            if current != done and all(each == current for each in using):
                if folder:
                    held[current] = open_connection(current, True)
                    if ask(*held[current]) != 200: failures.append(f"held {current}")
                    if current - 2 in held: check_old(current - 2)
                done = current
                print(f"using {current}.", file=sys.stderr, flush=True)
        with change: change.notify_all()
        for thread in threads: thread.join()
        p99 = sorted(times)[math.ceil(0.99 * len(times)) - 1]
        json.dump({"requests": len(times), "failures": failures, "p99": p99}, sys.stdout)
        """

    /// Starts them.
    ///
    /// - Parameters:
    ///   - port: The port of the node on 127.0.0.1.
    ///   - authority: The file of the authorities that may have signed the node's certificate.
    ///   - path: What they request.
    ///   - kept: The number of clients with a kept connection.
    ///   - fresh: The number of clients with a new connection for each request.
    ///   - pause: Between two requests of a client.
    ///   - credentials: A folder with folders named by numbers, each with the files `cert`, `key`
    ///     and `token`, and a link `now` to the one in use; half of the clients use the
    ///     certificate. When all use a folder, those of the folder two before it must be refused.
    ///     Nil for none.
    /// - Throws: If they do not start.
    package init(
        port: Int,
        authority: String,
        path: String,
        kept: Int,
        fresh: Int,
        pause: Duration,
        credentials: String? = nil
    ) throws {
        let options = Options(
            port: port,
            authority: authority,
            path: path,
            kept: kept,
            fresh: fresh,
            pause: pause / .seconds(1),
            credentials: credentials
        )
        process = try ChildProcess(
            tool(named: "python3", package: "python3"),
            ["-c", Self.program],
            input: Array(JSONEncoder().encode(options))
        )
    }

    /// Waits until all clients have made a request with the credentials of this number.
    package func use(_ number: Int) async throws {
        _ = try await process.logLine(containing: "using \(number).")
    }

    /// Stops them and returns what they got.
    package func stop() async throws -> Report {
        process.send(SIGTERM)
        guard try await process.waitForEnd() == .exit(0) else { throw TestError(process.log) }
        return try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
    }
}
