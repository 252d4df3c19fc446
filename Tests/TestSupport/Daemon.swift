import Foundation

/// Runs the real executable during `body` and kills it afterwards.
package func withDaemon<Value>(
    _ arguments: [String] = ["serve"],
    environment: [String: String] = [:],
    isolation: isolated (any Actor)? = #isolation,
    _ body: (ChildProcess) async throws -> Value
) async throws -> Value {
    let daemon = try ChildProcess(
        daemonExecutable(),
        arguments,
        environment: environment
    )
    defer { daemon.kill() }
    return try await body(daemon)
}

/// The path of the `nova-federation` that was built together with these tests.
///
/// The tests run from a bundle next to it, or in a runner that gets the bundle's path as an
/// argument. `--scratch-path` can move both.
package func daemonExecutable() throws -> String {
    for argument in ProcessInfo.processInfo.arguments + ["/proc/self/exe"] {
        var folder = URL(fileURLWithPath: argument).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("nova-federation").path
            var isFolder: ObjCBool = false
            if unsafe FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
                !isFolder.boolValue
            {
                return candidate
            }
        }
    }
    throw TestError("nova-federation was not found next to the tests: run swift build.")
}

/// The folder of Package.swift, derived from the path of this file.
package let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The version in the file VERSION.
package func productVersion() throws -> String {
    try String(contentsOfFile: "\(packageRoot)/VERSION", encoding: .utf8)
        .trimmingCharacters(in: .newlines)
}
