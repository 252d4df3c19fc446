import Foundation
package import Testing

/// The path of a program that a test needs; without it the test fails and says what to install.
package func tool(
    named name: String,
    package: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> String {
    let searched = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
    for folder in searched where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
    }
    throw TestTrouble(
        "This test needs \(name), of Debian's package \(package): run Scripts/install-deps."
    )
}

/// What a finished program left behind.
package struct Finished: Sendable {
    package let ending: ChildProcess.Ending
    package let output: String
    package let log: String
}

/// Runs `program` (a path) to its end.
package func run(
    _ program: String,
    _ arguments: [String] = [],
    environment: [String: String] = [:],
    input: [UInt8] = [],
    within limit: Duration = .seconds(60)
) async throws -> Finished {
    let process = try ChildProcess(
        program,
        arguments,
        environment: environment,
        input: input
    )
    defer { process.kill() }
    let ending = try await process.waitForEnd(within: limit)
    return Finished(ending: ending, output: process.output, log: process.log)
}
