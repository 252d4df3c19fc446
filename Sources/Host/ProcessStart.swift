internal import CProcess

/// The start of this process, recorded by C code that runs before main.
///
/// That code also records SIGHUP, ignores SIGPIPE and SIGXFSZ, and opens closed standard streams.
package enum ProcessStart {
    /// The arguments without the program's name; unlike `CommandLine`, they do not need /proc.
    package static var arguments: [String] {
        (0..<nova_argument_count()).dropFirst()
            .map { unsafe String(cString: nova_argument($0)) }
    }

    /// The path with which this process was executed; it may be relative.
    package static var executedPath: String? {
        unsafe nova_executed_path().map { unsafe String(cString: $0) }
    }

    /// Whether SIGHUP arrived before a `UnixSignalsSequence` handled it.
    package static var hangUpCame: Bool { nova_hang_up_arrived() != 0 }

    /// Lets SIGHUP end the process again, for commands that do not handle it.
    package static func releaseHangUp() { nova_release_hang_up() }
}
