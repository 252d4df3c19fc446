import ArgumentParser
import Host
import Logging
import Settings

/// `nova-federation serve`: the service.
struct ServeCommand: ThreadedCommand, HangUpHandling {
    static let threads = Threads.forServing

    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the service until SIGTERM or SIGINT.",
        discussion: """
            Pulls the peers, serves this node's summary, health and metrics, and logs to standard \
            error. SIGTERM or SIGINT makes /ready return 503; the node keeps serving for \
            NOVA_FED_DRAIN_SEC (a second signal skips that) and exits with 0. SIGHUP reloads the \
            --config file and the files that the settings name; if one is invalid, nothing \
            changes. A changed peers file, and changed files of certificates, keys and tokens, \
            are reloaded without a signal.

            Exit codes: 0 stopped on request, 64 wrong usage, 70 a bug, 71 the address is in use \
            or not available, or too few threads or descriptors are allowed, 74 the state \
            directory cannot be used, 78 invalid settings.

            EXAMPLE
              FEDERATION_ENABLED=1 NOVA_FED_SYNC_ENABLED=1 \\
              NOVA_FED_PEERS=http://10.0.0.11:8100,http://10.0.0.12:8100 \\
              nova-federation serve

            SETTINGS
            \(SettingsReference.text)
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let loaded = try options.load()
        let settings = loaded.settings
        let writer = LogWriter(
            format: settings.logFormat,
            hasPriority: StandardStream.error.isJournal
        )
        defer { writer.flush() }
        let threshold = LogThreshold(settings.logLevel)
        let log = Logger(label: "nova-federation") { _ in
            LineLogHandler(threshold: threshold, format: settings.logFormat, writer: writer)
        }
        for warning in loaded.warnings { log.warning("\(warning)") }
        for note in loaded.notes { log.notice("\(note)") }
        do throws(NodeFault) {
            let opened = try await OpenedNode(loaded, log: log, threshold: threshold)
            let parts = await WiredNode(opened, config: options.config)
            try await FederationNode(parts, writer: writer).run()
        } catch {
            log.critical("\(error)")
            throw error.exitStatus.code
        }
    }
}
