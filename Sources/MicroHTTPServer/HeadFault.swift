/// Why the head of a request is refused: a proxy might read the request differently, or it is for
/// another server.
enum HeadFault: UInt8, Sendable {
    case nul = 1
    case targetByte
    case escape
    case targetForm
    case authority
    case scheme
    case layout
    case fieldName
    case fieldValue
    case host
    case hostValue
    case length
    case repeatedLength
    case repeatedEncoding
    case lengthAndEncoding
    case body

    /// 421 for another server's resource (RFC 9110, section 7.4), else 400.
    var status: Int { self == .scheme ? 421 : 400 }

    /// For the client, in the JSON of the response.
    var message: StaticString {
        switch self {
        case .nul: "the request contains a NUL"
        case .targetByte: "the request target contains a byte that must be escaped"
        case .escape: "a percent sign in the request target must precede two hexadecimal digits"
        case .targetForm: "the request target must begin with a slash or with http://"
        case .authority: "the request target must name a host, no user, and no port beyond 65535"
        case .scheme: "the scheme of the request target is not served here"
        case .layout: "a line of the head is folded, hides a NUL, or does not end in CR LF"
        case .fieldName: "a header name contains an invalid byte"
        case .fieldValue: "a header value contains a control character"
        case .host: "exactly one Host header is required"
        case .hostValue: "the Host header must be a host, a host and a port to 65535, or empty"
        case .length: "Content-Length must be one decimal number"
        case .repeatedLength: "more than one Content-Length header"
        case .repeatedEncoding: "more than one Transfer-Encoding header"
        case .lengthAndEncoding: "both Content-Length and Transfer-Encoding"
        case .body: "a GET or HEAD request must not have a body"
        }
    }
}
