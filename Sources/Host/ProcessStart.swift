internal import CProcess

/// What the kernel gave this process at its start, kept by C code that runs before main.
///
/// That code also notes SIGHUP, ignores SIGPIPE and SIGXFSZ, and opens closed standard streams.
package enum ProcessStart {
    /// The arguments without the name of the program; they need no /proc, unlike `CommandLine`.
    package static var arguments: [String] {
        (0..<nova_argument_count()).dropFirst()
            .map { unsafe String(cString: nova_argument($0)) }
    }

    /// The path this process was executed by, perhaps relative.
    package static var executedPath: String? {
        unsafe nova_executed_path().map { unsafe String(cString: $0) }
    }

    /// Whether SIGHUP came before there was a `UnixSignalsSequence` for it.
    package static var hangUpCame: Bool { nova_hang_up_came() != 0 }

    /// Lets SIGHUP end the process, for commands without a handler for it.
    package static func releaseHangUp() {
        nova_release_hang_up()
    }
}
