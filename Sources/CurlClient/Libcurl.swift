internal import CCurl
import Glibc

/// What libcurl needs once in a process, before its first handle.
enum Libcurl {
    /// Made by whoever comes first; from any thread.
    static let initialize: Void = {
        // The address sanitizer sees a use after the free only of what malloc(3) has back.
        #if PLAIN_MALLOC
        let code = curl_global_init(Int(CURL_GLOBAL_ALL))
        #else
        let code = FreeLists.install()
        #endif
        precondition(code == CURLE_OK, "libcurl cannot begin: \(code.rawValue)")
        // libcurl is told to leave signals alone, and a write to a connection that was reset must
        // not end the process.
        signal(SIGPIPE, SIG_IGN)
    }()
}
