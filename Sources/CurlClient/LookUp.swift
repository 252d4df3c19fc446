internal import CCurl
import Glibc

/// The addresses of `name`, asked of the system's resolver; blocks for as long as that takes.
///
/// - Returns: Numeric addresses in the resolver's order, IPv6 in brackets, at most 8; or its words
///   for why there are none. See getaddrinfo(3).
func lookUp(_ name: String) -> Result<[String], LookupFailure> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let start = CurlClient.now()
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
        let detail = unsafe String(cString: gai_strerror(status))
        let isSilence = status == EAI_AGAIN && CurlClient.now() - start >= Limits.refusalTime
        return .failure(LookupFailure(detail: detail, isSilence: isSilence))
    }
    var addresses: [String] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < 8 {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe getnameinfo(
            entry.pointee.ai_addr,
            entry.pointee.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        if code == 0 {
            let address = String(
                decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                as: UTF8.self
            )
            let isIPv6 = unsafe entry.pointee.ai_family == AF_INET6
            // libcurl takes no address with a scope (fe80::1%eth0) and would refuse them all.
            if !address.contains("%") { addresses.append(isIPv6 ? "[\(address)]" : address) }
        }
        unsafe next = entry.pointee.ai_next
    }
    return addresses.isEmpty
        ? .failure(LookupFailure(detail: "the name has no address")) : .success(addresses)
}
