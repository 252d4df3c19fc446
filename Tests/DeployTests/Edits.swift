import Foundation
import TestSupport

/// What an operator, or a test, puts in the place of something in a file under deploy/.
typealias Edit = (shipped: String, used: String)

/// The text of a file under deploy/ with these edits and no other.
///
/// What an edit replaces stands in the file once; that the edits can be taken back shows that all
/// else is as shipped.
func edited(_ path: String, _ edits: [Edit]) throws -> String {
    let shipped = try String(contentsOfFile: deployed(path), encoding: .utf8)
    let used = try edits.reduce(shipped) { try replacing($1.shipped, with: $1.used, in: $0) }
    let restored = try edits.reversed()
        .reduce(used) { try replacing($1.used, with: $1.shipped, in: $0) }
    guard restored == shipped else {
        throw TestError("\(path): the edits change more than told.")
    }
    return used
}

private func replacing(_ old: String, with new: String, in text: String) throws -> String {
    let count = text.components(separatedBy: old).count - 1
    guard count == 1 else { throw TestError("'\(old)' is there \(count) times, not once.") }
    return text.replacingOccurrences(of: old, with: new)
}
