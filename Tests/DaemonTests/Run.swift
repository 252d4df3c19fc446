import Foundation

/// What a run of the executable came to.
struct Run {
    var status: Int32
    var output: String
    var error: String

    /// Runs the executable that was built beside the tests, with this environment and no other.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let executable = URL(fileURLWithPath: tests).deletingLastPathComponent()
            .appendingPathComponent("nova-federation")
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        self.output = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        self.error = String(
            decoding: error.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        status = process.terminationStatus
    }
}
