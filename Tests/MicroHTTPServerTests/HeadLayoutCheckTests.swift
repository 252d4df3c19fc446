import Testing

@testable import MicroHTTPServer

/// The self-test of the layout check with the installed library.
struct HeadLayoutCheckTests {
    private static let configuration = Configuration.loopback()

    @Test func `the installed library stores heads as expected`() throws {
        try HeadLayoutCheck.test(Self.configuration)
    }

    @Test(arguments: HeadLayoutCheck.samples)
    func `a library that stores a sample in another way is a named error`(
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
