internal import CCurl
import Glibc

/// What libcurl needs once in a process, before its first handle.
enum Libcurl {
    /// Made by whoever comes first; from any thread.
    static let begin: Void = {
        let code = FreeLists.install()
        precondition(code == CURLE_OK, "libcurl cannot begin: \(code.rawValue)")
        // libcurl is told to leave signals alone, and a write to a connection that was reset must
        // not end the process.
        signal(SIGPIPE, SIG_IGN)
    }()
}
