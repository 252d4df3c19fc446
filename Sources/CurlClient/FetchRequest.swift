/// One document to fetch by GET.
package struct FetchRequest: Sendable {
    /// The caller's number for the document, dense from 0; `FetchResult` returns it.
    ///
    /// Fetches with the same key reuse one connection.
    package var key: Int
    /// A complete `http` or `https` URL.
    package var url: String
    /// The host of the URL if it is a name; nil if it is an address.
    package var name: String?
    /// The port of the URL.
    package var port: UInt16
    /// The longest time from start to end, including name lookup and a second attempt.
    package var timeout: Duration

    package init(key: Int, url: String, name: String?, port: UInt16, timeout: Duration) {
        self.key = key
        self.url = url
        self.name = name
        self.port = port
        self.timeout = timeout
    }
}
