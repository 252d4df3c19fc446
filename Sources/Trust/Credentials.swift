/// The `Authorization` headers of a request.
package enum Credentials: Equatable, Sendable {
    /// No header, an empty one, another scheme, or `Bearer` without a token.
    case none
    /// The text after `Bearer`, not checked.
    case bearer(String)
    /// More than one header, which other programs may read differently.
    case ambiguous

    /// `values` are the values of all headers, in order.
    package init(_ values: [String]) {
        guard let value = values.first else {
            self = .none
            return
        }
        guard values.count == 1 else {
            self = .ambiguous
            return
        }
        let words = value.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            self = .none
            return
        }
        var token = words[1].drop { $0 == " " || $0 == "\t" }
        while let last = token.last, last == " " || last == "\t" { token.removeLast() }
        self = token.isEmpty ? .none : .bearer(String(token))
    }
}
