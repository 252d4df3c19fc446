/// In which order the addresses of a host are tried, and for how long.
///
/// libcurl 7.88 tries two addresses of different families side by side (happy eyeballs). But if a
/// second address of one family follows one that failed, libcurl opens its socket only when some
/// timer happens to run: after 200 ms, or never. So it gets one address of each family at a time,
/// an attempt, and the next attempt is a transfer of its own.
struct AddressPlan {
    /// The addresses of each family that one fetch tries at most.
    ///
    /// With more, each would get too little time to connect to another continent.
    static let connectAttempts = 4

    /// How many milliseconds an attempt waits for the first address before it also tries the
    /// address of the other family; RFC 8305 recommends 250, libcurl's default is 200.
    static let longestHeadStart = 200

    /// The address to begin with; nil if the host is an address itself.
    let first: String?
    /// Whether there are others.
    let hasAlternatives: Bool
    /// When the attempt that was taken last must have connected; nil if it is the last one, which
    /// has all the time there is.
    private(set) var attemptEnd: Int64?
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

    /// Takes the addresses of the next attempt: one, or two of different families.
    ///
    /// Each attempt gets an equal share of what is left until `deadline`, so that every address is
    /// tried.
    mutating func takeNext(from now: Int64, until deadline: Int64) -> [String] {
        let addresses = attempts.popFirst() ?? []
        let share = (deadline - now) / Int64(attempts.count + 1)
        attemptEnd = attempts.isEmpty ? nil : now + share
        return addresses
    }

    private static func isIPv6(_ address: String) -> Bool { address.hasPrefix("[") }
}
