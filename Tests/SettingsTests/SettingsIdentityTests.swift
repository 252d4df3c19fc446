import Dispatch
import Federation
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Host
@testable import Settings

/// The node id: set, kept in the state directory, or temporary.
struct SettingsIdentityTests {
    static func settings(_ directory: String?) -> Settings {
        var settings = Settings(fileLimit: 1_024)
        settings.stateDirectory = directory
        return settings
    }

    static func make(
        _ settings: Settings
    ) throws -> (nodeID: String, instance: String, isTemporary: Bool) {
        let made = try OwnIdentity.determine(for: settings)
        return (made.identity.nodeID, made.identity.instance, made.isTemporary)
    }

    @Test
    func `without a state directory every start generates a new id`() throws {
        let first = try Self.make(Self.settings(nil))
        let second = try Self.make(Self.settings(nil))
        #expect(first.nodeID != second.nodeID)
        #expect(first.instance != second.instance)
        #expect(first.isTemporary)
        let hexadecimal = first.nodeID.suffix(8)
        #expect(first.nodeID.hasPrefix("nova-") && hexadecimal.allSatisfy { $0.isHexDigit })
        #expect(first.instance.utf8.count == 8 && first.instance.allSatisfy { $0.isHexDigit })
    }

    @Test
    func `a generated id is kept, and the instance is not`() throws {
        let scratch = try TemporaryDirectory()
        let first = try Self.make(Self.settings(scratch.path))
        let second = try Self.make(Self.settings(scratch.path))
        #expect(first.nodeID == second.nodeID)
        #expect(first.instance != second.instance)
        #expect(!first.isTemporary)
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files == ["node-id"])
        let text = try String(contentsOfFile: scratch.path + "/node-id", encoding: .utf8)
        #expect(text == first.nodeID + "\n")
    }

    @Test
    func `several first starts at the same time have the same id`() throws {
        for _ in 0..<20 {
            let scratch = try TemporaryDirectory()
            let directory = StateDirectory(path: scratch.path)
            let ids = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { number in
                // The others look for a kept id before any is kept.
                let id = try? directory.nodeID(isValid: { _ in true }) {
                    usleep(5_000)
                    return "made-\(number)"
                }
                ids.withLock { $0.append(id ?? "none") }
            }
            let found = ids.withLock { $0 }
            #expect(found.count == 8 && Set(found).count == 1, "\(found)")
            #expect(try directory.keptID(isValid: { _ in true }) == found.first)
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
            #expect(files == ["node-id"])
        }
    }

    @Test
    func `a start removes the drafts of killed processes, and nothing else`() throws {
        let scratch = try TemporaryDirectory()
        for name in ["node-id.17-42", "node-id.1-0"] { _ = try scratch.write("x", to: name) }
        let others = ["node-id.backup", "node-id.17", "node-id.17-", "node-id.a-1", "my.17-42"]
        for name in others { _ = try scratch.write("x", to: name) }
        // A draft that another process is writing.
        let path = try scratch.write("", to: "node-id.18-43")
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        #expect(flock(descriptor, LOCK_EX) == 0)
        let directory = StateDirectory(path: scratch.path)
        let id = try directory.nodeID(isValid: { _ in true }, orKeep: { "made" })
        var files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files.sorted() == (others + ["node-id", "node-id.18-43"]).sorted())
        close(descriptor)
        // Also if an id is already kept.
        #expect(try directory.nodeID(isValid: { _ in true }, orKeep: { "another" }) == id)
        files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files.sorted() == (others + ["node-id"]).sorted())
    }

    @Test
    func `a dangling link in place of the id file is a fault and is not changed`() throws {
        let scratch = try TemporaryDirectory()
        let file = scratch.path + "/node-id"
        try FileManager.default.createSymbolicLink(
            atPath: file,
            withDestinationPath: scratch.path + "/nowhere"
        )
        #expect(throws: StateDirectory.Fault.corrupt(path: file)) {
            try Self.make(Self.settings(scratch.path))
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        #expect(files == ["node-id"])
    }

    @Test
    func `an id that is set takes precedence, and nothing is written`() throws {
        let scratch = try TemporaryDirectory()
        var settings = Self.settings(scratch.path)
        settings.nodeID = "mine"
        #expect(try Self.make(settings).nodeID == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test(arguments: ["", "\n", "a\nb\n", "a\u{1}", String(repeating: "x", count: 129)])
    func `a file without a valid node id is a fault and is not changed`(text: String) throws {
        let scratch = try TemporaryDirectory()
        let file = try scratch.write(text, to: "node-id")
        #expect(throws: StateDirectory.Fault.corrupt(path: file)) {
            try Self.make(Self.settings(scratch.path))
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    }

    @Test
    func `a directory that is not writable and a file that is not readable are faults`() throws {
        let scratch = try TemporaryDirectory()
        let nowhere = scratch.path + "/nowhere"
        let cause = "No such file or directory"
        #expect(throws: StateDirectory.Fault.notWritable(path: nowhere, cause: cause)) {
            try Self.make(Self.settings(nowhere))
        }
        let file = scratch.path + "/node-id"
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        let unreadable = StateDirectory.Fault.unreadable(
            path: file,
            cause: "is a directory; allowed: a regular file"
        )
        #expect(throws: unreadable) { try Self.make(Self.settings(scratch.path)) }
    }
}
