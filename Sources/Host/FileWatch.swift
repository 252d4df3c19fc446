/// Decides when to read a changed file again, from regular checks of its stamp.
///
/// A file that was renamed into place is complete and is read at once. A file that may still be
/// written is read when two checks in a row find the same stamp, because half a list of peers is a
/// valid list. It is read at check `maximumLooks` in any case, so that a busy writer does not
/// prevent reading. After an attempt, successful or not, the file is not read until it changes.
///
/// If a program writes and renames within one tick of the kernel's clock (1 to 10 ms), only the
/// inode shows the rename. Such a file is checked again after `settling`.
package struct FileWatch {
    /// A changed file is read at this check at the latest.
    static let maximumLooks = 3

    /// The time between two checks of a file with a new inode.
    ///
    /// A writer that creates the file under its final name and pauses longer counts as finished.
    package static let settling = Duration.milliseconds(100)

    private var previous: FileStamp?
    /// The number of checks in a row that found the file changed since the last attempt.
    private var looks = 0

    /// `read` is the stamp of the file as read at startup; nil if there was none.
    package init(read: FileStamp?) { previous = read }

    /// Whether a second check can show that the file was renamed into place.
    package static func wantsSecondLook(_ look: FileStamp?, tried: FileStamp?) -> Bool {
        guard let look, !look.isEmpty, !look.isComplete else { return false }
        return look.isReplacement(of: tried)
    }

    /// Takes the result of a check, and returns whether to read the file.
    ///
    /// `tried` is the stamp at the last attempt. For a second check, `first` is the stamp of the
    /// one before it.
    package mutating func takeLook(
        _ look: FileStamp?,
        after first: FileStamp? = nil,
        tried: FileStamp?
    ) -> Bool {
        defer { previous = look }
        looks = look == tried ? 0 : looks + 1
        let isSettled =
            look == previous || look?.isComplete == true || first != nil && look == first
        guard looks > 0, isSettled || looks >= Self.maximumLooks else { return false }
        looks = 0
        return true
    }
}
