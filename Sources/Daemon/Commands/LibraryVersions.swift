import CurlClient
import MicroHTTPServer
import StateStore

/// The versions of the libraries that the program has loaded.
enum LibraryVersions {
    /// Such as `libcurl/7.88.1 OpenSSL/3.0.17`.
    static var all: [String] {
        [CurlClient.libraryVersion, MicroHTTPServer.libraryVersion, StateStore.libraryVersion]
    }
}
