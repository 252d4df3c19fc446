import Foundation
import TestSupport

/// A replacement in a file under deploy/, made by an operator or a test.
typealias Edit = (shipped: String, used: String)

/// The text of a file under deploy/ with these edits only.
func edited(_ path: String, _ edits: [Edit]) throws -> String {
    try edited(text: String(contentsOfFile: deployed(path), encoding: .utf8), edits)
}

/// A shipped text with these edits only.
///
/// The replaced text must occur once. Reverting the edits must give the shipped text.
func edited(text shipped: String, _ edits: [Edit]) throws -> String {
    let used = try edits.reduce(shipped) { try replacing($1.shipped, with: $1.used, in: $0) }
    let restored = try edits.reversed()
        .reduce(used) { try replacing($1.used, with: $1.shipped, in: $0) }
    guard restored == shipped else {
        throw TestError("Reverting the edits does not give the shipped text:\n\(shipped)")
    }
    return used
}

private func replacing(_ old: String, with new: String, in text: String) throws -> String {
    let count = text.components(separatedBy: old).count - 1
    guard count == 1 else { throw TestError("'\(old)' occurs \(count) times instead of once.") }
    return text.replacingOccurrences(of: old, with: new)
}
