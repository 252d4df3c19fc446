internal import Timing

/// The order in which the addresses of a host are tried, and the time for each.
///
/// libcurl 7.88 tries two addresses of different families in parallel (happy eyeballs). If the
/// first address of a family fails and a second one follows, libcurl opens its socket only when
/// some timer happens to run: 200 ms later or never. Therefore libcurl gets one address of each
/// family at a time, and the next attempt is a transfer of its own.
struct AddressPlan {
    /// The maximum number of addresses of each family that one fetch tries.
    ///
    /// With more, each would get too little time to connect to another continent.
    static let connectAttempts = 4

    /// How long an attempt waits for the first address before it also tries the address of the
    /// other family; RFC 8305 recommends 250 ms, libcurl's default is 200 ms.
    static let longestHeadStart = Duration.milliseconds(200)

    /// The most preferred address; nil if the URL contains an address.
    let first: String?
    /// Whether the host has more than one address.
    let hasAlternatives: Bool
    /// When the current attempt must have connected; nil for the last one, which may use all the
    /// time that is left.
    private(set) var attemptEnd: Instant?
    private var attempts: ArraySlice<[String]>

    /// - Parameter addresses: In order of preference, IPv6 in brackets.
    init(_ addresses: [String]) {
        first = addresses.first
        hasAlternatives = addresses.count > 1
        guard hasAlternatives else {
            attempts = addresses.isEmpty ? [] : [addresses]
            return
        }
        let isIPv6First = first.map(Self.isIPv6) ?? false
        let preferred = addresses.filter { Self.isIPv6($0) == isIPv6First }
        let others = addresses.filter { Self.isIPv6($0) != isIPv6First }
        attempts =
            (0..<max(preferred.count, others.count))
            .prefix(Self.connectAttempts)
            .map { index in
                [preferred, others].compactMap { $0.indices.contains(index) ? $0[index] : nil }
            }[...]
    }

    /// Returns the addresses of the next attempt: one, or two of different families.
    ///
    /// Each attempt gets an equal share of the time until `deadline`, so that every address is
    /// tried.
    mutating func takeNext(from now: Instant, until deadline: Instant) -> [String] {
        let addresses = attempts.popFirst() ?? []
        attemptEnd =
            attempts.isEmpty
            ? nil : now + (deadline - now).divided(by: attempts.count + 1)
        return addresses
    }

    private static func isIPv6(_ address: String) -> Bool { address.hasPrefix("[") }
}
