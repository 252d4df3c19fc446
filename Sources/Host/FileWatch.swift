/// Decides when a file that was read is read again, from regular looks at it.
///
/// A file that was renamed into place is complete, and is read at once. One that may still be
/// written is left alone until two looks find it the same, because half a list of peers is a valid
/// list, but for no more than `maximumLooks` looks: a writer that never rests must not keep it from
/// being read. A file that was read, with or without success, is left alone until it changes.
///
/// A program that writes and renames within one tick of the kernel's clock, 1 to 10 ms, leaves no
/// trace of the rename but another inode. Such a file gets a second look after `settling`.
package struct FileWatch {
    /// How many looks in a row may find a changed file and not have it read.
    static let maximumLooks = 3

    /// The time between two looks at a file with another inode.
    ///
    /// A writer that creates the file under its final name and pauses for longer is taken to have
    /// finished.
    package static let settling = Duration.milliseconds(100)

    private var previous: FileStamp?
    /// The looks in a row that found the file changed since it was last read.
    private var looks = 0

    /// Begins with the file as it was read at startup; nil for no file.
    package init(read: FileStamp?) {
        previous = read
    }

    /// Whether a second look may show that a file, found as `look`, was renamed into place.
    package static func wantsSecondLook(_ look: FileStamp?, tried: FileStamp?) -> Bool {
        guard let look, !look.isEmpty, !look.isComplete else { return false }
        return look.isReplacement(of: tried)
    }

    /// Whether the file, found as `look`, should be read; `tried` is how it was when it last was.
    ///
    /// `first` is how it was `settling` ago, if `look` is a second look.
    package mutating func isDue(
        _ look: FileStamp?,
        after first: FileStamp? = nil,
        tried: FileStamp?
    )
        -> Bool
    {
        defer { previous = look }
        guard look != tried else {
            looks = 0
            return false
        }
        looks += 1
        let isSettled =
            look == previous || look?.isComplete == true || first != nil && look == first
        let isDue = isSettled || looks >= Self.maximumLooks
        if isDue { looks = 0 }
        return isDue
    }
}
