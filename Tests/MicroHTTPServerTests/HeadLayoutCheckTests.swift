import Testing

@testable import MicroHTTPServer

/// The check of the layout check against the library that is installed.
struct HeadLayoutCheckTests {
    private static let configuration = Configuration.loopback()

    @Test func `the library lays heads out as expected`() throws {
        try HeadLayoutCheck.test(Self.configuration)
    }

    @Test(arguments: HeadLayoutCheck.samples)
    func `a library that judges a sample otherwise is a named error`(
        request: String,
        isWellFormed: Bool
    ) {
        let other = [(request: request, isWellFormed: !isWellFormed)]
        let error = #expect(throws: ServerError.self) {
            try HeadLayoutCheck.test(Self.configuration, with: other)
        }
        guard case .unknownLayout = error else {
            Issue.record("it is \(String(describing: error))")
            return
        }
    }
}
