package import Federation
internal import Glibc
package import Host

/// Who this node is.
package struct OwnIdentity: Sendable {
    package var identity: NodeIdentity
    /// Whether the id was made for this run only, which deserves a warning.
    package var isFleeting: Bool

    /// Said once at start of a node whose id does not last.
    package static let fleetingWarning = """
        this node has a node id for this run only: set NOVA_NODE_ID, or NOVA_FED_STATE_DIR \
        to keep a generated one
        """

    private init(nodeID: String, instance: String, isFleeting: Bool) {
        identity = NodeIdentity(nodeID: nodeID, instance: instance)
        self.isFleeting = isFleeting
    }

    /// The id that is set, else the one that is kept, else one for this run only.
    package static func make(of settings: Settings) throws(StateDirectory.Fault) -> OwnIdentity {
        let instance = hexDigits()
        if let nodeID = settings.nodeID {
            return OwnIdentity(nodeID: nodeID, instance: instance, isFleeting: false)
        }
        guard let path = settings.stateDirectory else {
            return OwnIdentity(nodeID: generatedID(), instance: instance, isFleeting: true)
        }
        let nodeID = try StateDirectory(path: path)
            .nodeID(isValid: isValid, orKeep: generatedID)
        return OwnIdentity(nodeID: nodeID, instance: instance, isFleeting: false)
    }

    private static func isValid(_ id: String) -> Bool {
        SettingKind<String>.identity.parse(id) != nil
    }

    /// A node id that no other has: `nova-<hostname>-<8 hex>`.
    static func generatedID() -> String { "nova-\(hostname())-\(hexDigits())" }

    /// 32 random bits as 8 lower-case hex digits.
    private static func hexDigits() -> String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The name of this machine, or `localhost` if it has none that fits a node id.
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
