/// The faults of a page for browsers, one in a line; empty if it is well-formed and accessible.
///
/// check-page.py beside this file has the rules.
package func pageCheck(_ page: String) async throws -> String {
    let checked = try await run(
        tool(named: "python3", package: "python3"),
        ["-I", "-X", "utf8", "\(packageRoot)/Tests/TestSupport/check-page.py"],
        input: Array(page.utf8)
    )
    guard checked.ending == .exit(0) else { throw TestError("The checker failed: \(checked.log)") }
    return checked.output
}
