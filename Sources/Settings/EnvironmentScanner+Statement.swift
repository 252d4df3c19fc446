extension EnvironmentScanner {
    /// An assignment, a bare key, or a line that cannot be parsed; not a blank line or a comment.
    struct Statement {
        var key: String
        /// Without quotes and comment; nil for a bare key and for a broken statement.
        var value: String?
        var problem: Problem?
        /// Its first line, from 1.
        var line: Int
        var lastLine: Int

        var lines: ClosedRange<Int> { line...lastLine }
    }

    /// Why a statement is broken.
    enum Problem: Error {
        /// It has no key, or the key is not followed by `=`.
        case notAssignment
        case openQuote
        case textAfterQuote
    }
}

extension EnvironmentScanner.Statement {
    /// Whether it is an assignment, valid or not.
    var hasEqualSign: Bool {
        switch problem {
        case .openQuote, .textAfterQuote: true
        case .notAssignment: false
        case nil: value != nil
        }
    }
}

extension EnvironmentScanner.Problem {
    /// What is wrong, as the predicate of a sentence about the statement.
    var words: String {
        switch self {
        case .notAssignment: "is not KEY=VALUE"
        case .openQuote: "has a quote that is never closed"
        case .textAfterQuote: "has text after its closing quote"
        }
    }
}
