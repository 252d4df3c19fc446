import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// When a file that was read is read again.
struct FileWatchTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = try directory.write("one", to: "file")
    }

    /// A watch that an expectation may ask, and that reads the file when it says so.
    private final class Watching {
        private let path: String
        private var watch: FileWatch
        private var tried: FileStamp?
        /// What happens between two looks at a file with another inode.
        var between: () -> Void = {}

        init(_ path: String) {
            self.path = path
            tried = try? FileStamp(path)
            watch = FileWatch(read: tried)
        }

        /// Whether the file was read, well or in vain.
        func look() -> Bool {
            var look = try? FileStamp(path)
            var first: FileStamp?
            if FileWatch.wantsSecondLook(look, tried: tried) {
                first = look
                between()
                look = try? FileStamp(path)
            }
            guard watch.takeLook(look, after: first, tried: tried) else { return false }
            tried = look
            return true
        }
    }

    @Test
    func `a file that stays is never due, and one that is replaced is due once`() throws {
        let watch = Watching(path)
        #expect(![watch.look(), watch.look(), watch.look()].contains(true))
        for text in ["two", "three"] {
            try directory.replace("file", with: text)
            #expect((1...5).map { _ in watch.look() } == [true, false, false, false, false])
        }
    }

    @Test
    func `a file that is written and renamed within one tick of the clock is due at once`() throws {
        let watch = Watching(path)
        for number in 1...200 {
            try directory.overwrite("draft", with: "\(number)")
            #expect(unsafe rename(directory.file("draft"), path) == 0)
            #expect(watch.look())
        }
    }

    @Test
    func `a file that is created under its name and still being written is left alone`() throws {
        let watch = Watching(path)
        #expect(unsafe unlink(path) == 0)
        try directory.overwrite("file", with: "half")
        watch.between = { [directory] in try? directory.overwrite("file", with: "and whole") }
        #expect(!watch.look())
        watch.between = {}
        #expect(watch.look())
    }

    @Test
    func `a file that is renamed into place between all looks is due at each`() async throws {
        let watch = Watching(path)
        for number in 1...5 {
            try directory.overwrite("draft", with: "\(number)")
            // Ticks of the kernel's clock are 1 to 10 ms apart.
            try await Task.sleep(for: .milliseconds(30))
            #expect(unsafe rename(directory.file("draft"), path) == 0)
            #expect(watch.look())
        }
    }

    @Test
    func `a file that is still being written is left alone for three looks, and no longer`() throws
    {
        let watch = Watching(path)
        var looks: [Bool] = []
        for number in 1...9 {
            try directory.overwrite("file", with: String(repeating: "x", count: number * 10))
            looks.append(watch.look())
        }
        #expect(looks == [false, false, true, false, false, true, false, false, true])
        try directory.overwrite("file", with: "rests")
        #expect([watch.look(), watch.look(), watch.look()] == [false, true, false])
    }

    @Test
    func `a file that was emptied is not taken for complete`() throws {
        let watch = Watching(path)
        try directory.overwrite("file", with: "")
        #expect(unsafe chmod(path, 0o600) == 0)
        #expect([watch.look(), watch.look()] == [false, true])
    }

    @Test
    func `a file that is gone is due once, and again when it is back, even if it is the same`()
        async throws
    {
        let watch = Watching(path)
        let away = directory.file("away")
        for _ in 1...2 {
            // A link keeps the file as it is, so that it comes back as it was.
            _ = try await run("/bin/ln", [path, away])
            #expect((1...3).count { _ in watch.look() } == 1)
            _ = try await run("/bin/rm", [path])
            #expect([watch.look(), watch.look(), watch.look()] == [false, true, false])
            _ = try await run("/bin/mv", [away, path])
            #expect((1...3).count { _ in watch.look() } == 1)
        }
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
