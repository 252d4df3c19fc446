/// Says when a file that was read is to be read again.
///
/// It is looked at again and again. A file that is written in place is left alone until two looks
/// find it the same, for half of a list of peers would be a list; and one that was tried in vain
/// until it changes once more.
struct FileWatch {
    /// What a look finds: nil if there is no such file, or it cannot be looked at.
    typealias Look = FileStamp?

    private var previous: Look
    private var tried: Look?

    /// Begins with the file as it was read at the start.
    init(read: FileStamp?) {
        previous = read
    }

    /// Whether the file, found as `look`, should be read; `read` is how it was when it last was.
    mutating func isDue(_ look: Look, read: FileStamp?) -> Bool {
        defer { previous = look }
        if look == read { tried = nil }
        guard look == previous, look != read, look != tried else { return false }
        tried = .some(look)
        return true
    }
}
