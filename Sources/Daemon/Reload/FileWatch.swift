/// Says when a file that was read is to be read again.
///
/// It is looked at again and again. A file that is written in place is left alone until two looks
/// find it the same, for half of a list of peers would be a list; and one that was read, well or in
/// vain, until it changes.
struct FileWatch {
    private var previous: FileStamp?

    /// Begins with the file as it was read at the start; nil for no file.
    init(read: FileStamp?) {
        previous = read
    }

    /// Whether the file, found as `look`, should be read; `tried` is how it was when it last was.
    mutating func isDue(_ look: FileStamp?, tried: FileStamp?) -> Bool {
        defer { previous = look }
        return look == previous && look != tried
    }
}
