import TestSupport
import Testing

@testable import Daemon

/// When a file that was read is read again.
struct FileWatchTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = try directory.write("one", to: "file")
    }

    /// A watch that an expectation may ask.
    private final class Watching {
        private var watch: FileWatch

        init(read: FileStamp?) { watch = FileWatch(read: read) }

        func isDue(_ look: FileStamp?, read: FileStamp?) -> Bool {
            watch.isDue(look, read: read)
        }
    }

    private func look() -> FileStamp? { try? FileStamp(path) }

    @Test
    func `a file that stays is never due, and one that is replaced is due once it rests`() throws {
        let read = look()
        let watch = Watching(read: read)
        for _ in 1...3 { #expect(!watch.isDue(look(), read: read)) }
        try directory.replace("file", with: "two")
        #expect(!watch.isDue(look(), read: read))
        #expect(watch.isDue(look(), read: read))
        // It was read, and is as it was read.
        let again = look()
        for _ in 1...3 { #expect(!watch.isDue(look(), read: again)) }
    }

    @Test
    func `a file that is still being written is left alone`() throws {
        let read = look()
        let watch = Watching(read: read)
        for number in 1...5 {
            try directory.overwrite("file", with: String(repeating: "x", count: number * 10))
            #expect(!watch.isDue(look(), read: read))
        }
        #expect(watch.isDue(look(), read: read))
    }

    @Test
    func `what was read in vain is not read again before it changes`() throws {
        let read = look()
        let watch = Watching(read: read)
        try directory.replace("file", with: "bad")
        _ = watch.isDue(look(), read: read)
        #expect(watch.isDue(look(), read: read))
        for _ in 1...3 { #expect(!watch.isDue(look(), read: read)) }
        try directory.replace("file", with: "good")
        _ = watch.isDue(look(), read: read)
        #expect(watch.isDue(look(), read: read))
    }

    @Test
    func `a file that is gone is due once, and again when it is back`() throws {
        let read = look()
        let watch = Watching(read: read)
        #expect(!watch.isDue(nil, read: read))
        #expect(watch.isDue(nil, read: read))
        #expect(!watch.isDue(nil, read: read))
        try directory.replace("file", with: "back")
        _ = watch.isDue(look(), read: read)
        #expect(watch.isDue(look(), read: read))
    }

    @Test
    func `causes that come while one is worked off are one, and the greater`() async {
        let causes = ReloadCauses()
        causes.add(.peersFile)
        causes.add(.hangUp)
        causes.add(.peersFile)
        var seen: [ReloadCause] = []
        await causes.each { cause in
            seen.append(cause)
            if seen.count == 1 {
                causes.add(.peersFile)
            } else {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            }
        }
        #expect(seen == [.hangUp, .peersFile])
    }
}
