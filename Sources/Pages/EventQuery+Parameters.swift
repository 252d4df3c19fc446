internal import Federation
package import StateStore

/// Why a parameter of a request is invalid.
package struct ParameterFault: Error, Hashable, Sendable {
    /// As the client sent it.
    package var name: String
    package var message: String
}

extension EventQuery {
    /// The query in the parameters of a URL, decoded.
    package init(
        parameters: [(name: String, value: String)]
    ) throws(ParameterFault) {
        self.init()
        var seen: Set<String> = []
        for (name, value) in parameters {
            func fault(_ message: String) -> ParameterFault {
                ParameterFault(name: name, message: message)
            }
            guard seen.insert(name).inserted else { throw fault("may occur only once") }
            switch name {
            case "peer":
                guard !value.isEmpty else { throw fault("must be the id of a peer") }
                peer = value
            case "kind":
                guard EventKind(rawValue: value) != nil else {
                    throw fault("must be one of \(Self.kinds)")
                }
                kind = value
            case "since":
                guard let seconds = Double(value), seconds.isFinite, seconds >= 0 else {
                    throw fault("must be a Unix time in seconds")
                }
                since = seconds
            case "before":
                guard let id = Int64(value), id > 0 else {
                    throw fault("must be the id of an event")
                }
                before = id
            case "limit":
                guard let count = Int(value), Self.limits.contains(count) else {
                    throw fault("must be \(Self.limits.lowerBound) to \(Self.limits.upperBound)")
                }
                limit = count
            default:
                throw fault("is not a parameter; allowed: peer, kind, since, before, limit")
            }
        }
    }

    private static let limits = 1...1_000
    private static let kinds = EventKind.allCases.map(\.rawValue).joined(separator: ", ")
}
