internal import CCurl
internal import CMalloc
import Glibc

/// The initialization of libcurl, once in a process and before its first handle.
enum Libcurl {
    /// Initializes libcurl on first use; from any thread.
    static let initialize: Void = {
        // The address sanitizer detects use after free only if malloc(3) gets the memory back.
        #if PLAIN_MALLOC
        let code = curl_global_init(Int(CURL_GLOBAL_ALL))
        #else
        let code = unsafe curl_global_init_mem(
            Int(CURL_GLOBAL_ALL),
            nova_list_malloc,
            nova_list_free,
            nova_list_realloc,
            nova_list_strdup,
            nova_list_calloc
        )
        #endif
        precondition(code == CURLE_OK, "libcurl cannot be initialized: \(code.rawValue)")
        // With CURLOPT_NOSIGNAL libcurl does not mask SIGPIPE itself, and a write to a reset
        // connection must not end the process.
        signal(SIGPIPE, SIG_IGN)
    }()
}

extension CurlClient {
    /// The versions of libcurl and its libraries that are loaded (curl_version(3)).
    package static var libraryVersion: String {
        unsafe String(cString: curl_version())
    }
}
