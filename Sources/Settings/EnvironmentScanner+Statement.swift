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

        var isMultiline: Bool { lastLine > line }

        /// Whether it is an assignment, valid or not.
        var hasEqualSign: Bool { problem.map { $0 != .notAssignment } ?? (value != nil) }
    }

    /// Why a statement is broken, as the predicate of a sentence about it.
    enum Problem: String, Error {
        /// It has no key, or the key is not followed by `=`.
        case notAssignment = "is not KEY=VALUE"
        case openQuote = "has a quote that is never closed"
        case textAfterQuote = "has text after its closing quote"
    }
}
