internal import CCurl
import Glibc

/// Finds the addresses of a name, as `lookUp` does; it may block.
typealias Resolver = @Sendable (String) -> Result<[String], LookupFailure>

/// The addresses of `name`, asked of the system's resolver; blocks for as long as that takes.
///
/// Not AI_ADDRCONFIG: it ignores loopback when it decides which families this machine has, so on a
/// machine with IPv6 only it drops the 127.0.0.1 of a name. `usable` looks at each address instead.
///
/// - Returns: Numeric addresses in the resolver's order, IPv6 in brackets, at most
///   `NameTable.addressesPerName`; or its words for why there are none. See getaddrinfo(3).
func lookUp(_ name: String) -> Result<[String], LookupFailure> {
    // RFC 6761, 6.3: always loopback, whatever the hosts file or a name server says. The order is
    // curl's.
    if name == "localhost" || name.hasSuffix(".localhost") {
        return .success(["[::1]", "127.0.0.1"])
    }
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let start = CurlClient.now()
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
        let detail = unsafe String(cString: gai_strerror(status))
        let isTimeout =
            status == EAI_AGAIN && CurlClient.now() - start >= LookupFailure.refusalTime
        return .failure(LookupFailure(detail: detail, isTimeout: isTimeout))
    }
    var addresses: [(text: String, isReachable: Bool)] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < NameTable.addressesPerName {
        if let text = unsafe numericAddress(of: entry.pointee) {
            addresses.append((text, unsafe isReachable(entry.pointee)))
        }
        unsafe next = entry.pointee.ai_next
    }
    return addresses.isEmpty
        ? .failure(LookupFailure(detail: "the name has no address")) : .success(usable(addresses))
}

/// The addresses that this machine has a route to; all of them if it has none, so that the attempt
/// to connect gives the reason.
///
/// An address without a route costs no time, but as the last one tried it would hide why the others
/// failed.
func usable(_ addresses: [(text: String, isReachable: Bool)]) -> [String] {
    let reachable = addresses.filter(\.isReachable)
    return (reachable.isEmpty ? addresses : reachable).map(\.text)
}

/// The text of an address; nil for one with a scope (fe80::1%eth0), which libcurl does not take,
/// and with it none of the others.
private func numericAddress(of entry: addrinfo) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = unsafe getnameinfo(
        entry.ai_addr,
        entry.ai_addrlen,
        &text,
        socklen_t(text.count),
        nil,
        0,
        NI_NUMERICHOST
    )
    guard code == 0 else { return nil }
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    let address = String(decoding: bytes, as: UTF8.self)
    guard !address.contains("%") else { return nil }
    return unsafe entry.ai_family == AF_INET6 ? "[\(address)]" : address
}

/// Whether this machine has a route to an address, and an address of its own of that family.
///
/// Connecting a datagram socket sends nothing; see connect(2).
private func isReachable(_ entry: addrinfo) -> Bool {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let probe = unsafe socket(entry.ai_family, type, 0)
    // With no descriptor left nothing is known about the route.
    guard probe >= 0 else { return errno != EAFNOSUPPORT }
    defer { close(probe) }
    return unsafe connect(probe, entry.ai_addr, entry.ai_addrlen) == 0
}
