import Foundation

/// The path of a program that a test needs; if it is missing, throws the package to install.
package func tool(named name: String, package: String) throws -> String {
    let searched = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
    for folder in searched where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
        return "\(folder)/\(name)"
    }
    throw TestError(
        "This test needs \(name) of Debian's package \(package): run Scripts/install-deps."
    )
}

/// The result of a finished program.
package struct ProcessResult: Sendable {
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
) async throws -> ProcessResult {
    let process = try ChildProcess(program, arguments, environment: environment, input: input)
    defer { process.kill() }
    let ending = try await process.waitForEnd(within: limit)
    return ProcessResult(ending: ending, output: process.output, log: process.log)
}
