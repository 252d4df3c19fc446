package import Federation
internal import Glibc
package import Host

/// The identity of this node.
package struct OwnIdentity: Sendable {
    package var identity: NodeIdentity
    /// Whether the id was generated and cannot be kept, so that it changes at the next start.
    package var isTemporary: Bool

    /// Logged at startup if the id is temporary.
    package static let temporaryWarning = """
        the node id will change at the next start: set NOVA_NODE_ID, or set NOVA_FED_STATE_DIR \
        to keep the generated id
        """

    /// Takes the id that is set, else the one in the state directory, else a temporary one.
    package static func determine(
        for settings: Settings
    ) throws(StateDirectory.Fault) -> OwnIdentity {
        var nodeID = settings.nodeID
        if nodeID == nil, let path = settings.stateDirectory {
            let isValid = { SettingKind<String>.identity.parse($0) != nil }
            nodeID = try StateDirectory(path: path).nodeID(isValid: isValid, orKeep: generatedID)
        }
        return OwnIdentity(
            identity: NodeIdentity(nodeID: nodeID ?? generatedID(), instance: hexDigits()),
            isTemporary: nodeID == nil
        )
    }

    /// A new, unique node id: `nova-<hostname>-<8 hex>`.
    static func generatedID() -> String { "nova-\(hostname())-\(hexDigits())" }

    /// 32 random bits as 8 lower-case hex digits.
    private static func hexDigits() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The host name, or `localhost` if it is not valid in a node id.
    private static func hostname() -> String {
        var bytes = [CChar](repeating: 0, count: 65)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        let name = String(
            validating: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        return name.flatMap(SettingKind<String>.identity.parse) ?? "localhost"
    }
}
