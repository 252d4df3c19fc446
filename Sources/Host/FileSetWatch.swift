/// Decides when to read a set of related files again, from regular checks of their stamps.
///
/// A certificate and its key may be replaced one after the other, so the files are read when two
/// checks in a row find the same stamps, or at the third check that finds a change. After an
/// attempt, successful or not, they are not read until one changes.
package struct FileSetWatch {
    private var previous: [FileStamp?] = []
    /// The number of checks in a row that found a change since the last attempt.
    private var looks = 0

    package init() {}

    /// Takes the result of a check, nil for a missing file, and returns whether to read the files.
    ///
    /// `tried` are the stamps at the last attempt.
    package mutating func takeLook(_ look: [FileStamp?], tried: [FileStamp?]) -> Bool {
        defer { previous = look }
        looks = look == tried ? 0 : looks + 1
        guard looks > 0, look == previous || looks >= FileWatch.maximumLooks else { return false }
        looks = 0
        return true
    }
}
