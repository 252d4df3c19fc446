import Foundation
import TestSupport

/// What Chromium reported about a page; see Tests/Browser/browse.
struct BrowsedPage: Decodable, Sendable {
    var status: Int
    var title: String
    /// The visible text.
    var text: String
    /// Every URL that the browser requested.
    var requests: [String]
    /// Everything that the browser logged.
    var log: [String]
    /// Violated rules of accessibility and layout; see Tests/Browser/rules.js.
    var faults: [String]
}

/// A page to open in Chromium.
struct BrowserJob: Encodable, Sendable {
    var url: String
    /// The size of the window, in CSS pixels.
    var width = 1_280
    var height = 900
    /// `light` or `dark`.
    var scheme = "light"
}

/// Opens pages in one headless Chromium, one after the other.
func browse(_ jobs: [BrowserJob]) async throws -> [BrowsedPage] {
    let python = try tool(named: "python3", package: "python3")
    _ = try tool(named: "chromium-headless-shell", package: "chromium-headless-shell")
    let program = packageRoot + "/Tests/Browser/browse"
    let input = try JSONEncoder().encode(jobs)
    let result = try await run(python, [program], input: Array(input))
    guard result.ending == .exit(0) else { throw TestError("browse failed: \(result.log)") }
    return try JSONDecoder().decode([BrowsedPage].self, from: Data(result.output.utf8))
}
