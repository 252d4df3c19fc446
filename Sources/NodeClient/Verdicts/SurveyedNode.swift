/// A node that was queried, and its view or why there is none.
package struct SurveyedNode: Sendable {
    /// The normalized base URL.
    package var url: String
    package var result: Result<NodeView, QueryFailure>

    package init(url: String, result: Result<NodeView, QueryFailure>) {
        (self.url, self.result) = (url, result)
    }

    package var view: NodeView? { try? result.get() }
    package var failure: QueryFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }
}

/// Why a node has no view.
package struct QueryFailure: Error, Hashable, Sendable {
    package var cause: Cause
    /// The message for the operator.
    package var text: String

    package init(_ cause: Cause, text: String) {
        (self.cause, self.text) = (cause, text)
    }

    /// What the failure shows about the node.
    package enum Cause: Hashable, Sendable {
        /// Nothing arrived from the node's machine; the network may be the cause.
        case unreachable
        /// The machine responded, but the node did not: a refused connection, or a connection on
        /// which no response followed. So the network works.
        case noResponse
        /// The node refused the request.
        case status(Int)
        /// The program there has no page of a node, such as a node without federation, or a Nova.
        case otherProgram
    }

    /// The part of a verdict that begins with "it".
    var sentence: String {
        switch cause {
        case .unreachable, .noResponse: "it does not respond to this command"
        case .status(let status): "it returned status \(status) to this command"
        case .otherProgram: "it has no health page of a node"
        }
    }
}
