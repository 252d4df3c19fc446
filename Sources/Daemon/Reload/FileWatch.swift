/// Decides when a file that was read is read again, from regular looks at it.
///
/// A file that was renamed into place is complete, and is read at once. One that may still be
/// written is left alone until two looks find it the same, because half a list of peers is a valid
/// list, but for no more than `maximumLooks` looks: a writer that never rests must not keep it from
/// being read. A file that was read, with or without success, is left alone until it changes.
struct FileWatch {
    /// How many looks in a row may find a changed file and not have it read.
    static let maximumLooks = 3

    private var previous: FileStamp?
    /// The looks in a row that found the file changed since it was last read.
    private var looks = 0

    /// Begins with the file as it was read at startup; nil for no file.
    init(read: FileStamp?) {
        previous = read
    }

    /// Whether the file, found as `look`, should be read; `tried` is how it was when it last was.
    mutating func isDue(_ look: FileStamp?, tried: FileStamp?) -> Bool {
        defer { previous = look }
        guard look != tried else {
            looks = 0
            return false
        }
        looks += 1
        let isDue = look == previous || look?.isComplete == true || looks >= Self.maximumLooks
        if isDue { looks = 0 }
        return isDue
    }
}
