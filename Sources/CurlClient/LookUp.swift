internal import CCurl
import Glibc
internal import Timing

/// Finds the addresses of a name, as `lookUp` does; may block.
typealias Resolver = @Sendable (String) -> Result<[String], LookupFailure>

/// Looks up the addresses of `name` with the system's resolver, which may block for any time.
///
/// It does not use AI_ADDRCONFIG, which ignores loopback addresses when it decides which families
/// this machine has: with IPv6 only, it would drop 127.0.0.1. `usable` checks each address instead.
///
/// - Returns: Numeric addresses in the resolver's order, IPv6 in brackets, at most
///   `NameTable.addressesPerName`; or the resolver's error. See getaddrinfo(3).
func lookUp(_ name: String) -> Result<[String], LookupFailure> {
    // RFC 6761, 6.3: always loopback, regardless of the hosts file and the name server. The order
    // is curl's.
    if name == "localhost" || name.hasSuffix(".localhost") {
        return .success(["[::1]", "127.0.0.1"])
    }
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let start = SystemClock.now
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    guard status == 0 else {
        let detail = unsafe String(cString: gai_strerror(status))
        let isTimeout =
            status == EAI_AGAIN && SystemClock.now - start >= LookupFailure.refusalTime
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

/// The addresses to which this machine has a route; all of them if it has no route, so that the
/// failed connection gives the reason.
///
/// An address without a route fails at once. As the last one it would hide why the others failed.
func usable(_ addresses: [(text: String, isReachable: Bool)]) -> [String] {
    let reachable = addresses.filter(\.isReachable)
    return (reachable.isEmpty ? addresses : reachable).map(\.text)
}

/// The text of an address; nil for one with a scope (fe80::1%eth0), because libcurl then rejects
/// the whole list.
private func numericAddress(of entry: addrinfo) -> String? {
    let (address, length) = unsafe (entry.ai_addr, entry.ai_addrlen)
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let size = socklen_t(text.count)
    guard unsafe getnameinfo(address, length, &text, size, nil, 0, NI_NUMERICHOST) == 0 else {
        return nil
    }
    let bytes = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    let numeric = String(decoding: bytes, as: UTF8.self)
    guard !numeric.contains("%") else { return nil }
    return unsafe entry.ai_family == AF_INET6 ? "[\(numeric)]" : numeric
}

/// Whether this machine has a route to an address, and a local address of its family.
///
/// Connecting a datagram socket sends no packet; see connect(2).
private func isReachable(_ entry: addrinfo) -> Bool {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let probe = unsafe socket(entry.ai_family, type, 0)
    // Without a free descriptor the route is unknown.
    guard probe >= 0 else { return errno != EAFNOSUPPORT }
    defer { close(probe) }
    return unsafe connect(probe, entry.ai_addr, entry.ai_addrlen) == 0
}
