extension EnvironmentScanner {
    /// A key with its value, or a line that is neither that nor blank nor a comment.
    struct Statement {
        var key: String
        /// Without quotes and comment; nil for a key without `=`, and for a broken statement.
        var value: String?
        var problem: Problem?
        /// Where it starts, from 1.
        var line: Int
        /// Where it ends.
        var lastLine: Int

        var lines: ClosedRange<Int> { line...lastLine }
    }

    /// Why a statement is broken.
    enum Problem: Error {
        /// There is no key, or something else than `=` follows it.
        case notAssignment
        case openQuote
        case textAfterQuote
    }
}

extension EnvironmentScanner.Statement {
    /// Whether it sets its key, or tries to.
    var hasEqualSign: Bool {
        switch problem {
        case .openQuote, .textAfterQuote: true
        case .notAssignment: false
        case nil: value != nil
        }
    }
}

extension EnvironmentScanner.Problem {
    /// What is wrong, as the end of a sentence about the statement.
    var words: String {
        switch self {
        case .notAssignment: "is not KEY=VALUE"
        case .openQuote: "has a quote that is never closed"
        case .textAfterQuote: "has text after its closing quote"
        }
    }
}
