import Glibc
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// When a changed file is read again.
struct FileWatchTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = try directory.write("one", to: "file")
    }

    /// A watch that reads the file when it is due.
    private final class Watching {
        private let path: String
        private var watch: FileWatch
        private var tried: FileStamp?
        /// Called between the two checks of a file with a new inode.
        var between: () -> Void = {}

        init(_ path: String) {
            self.path = path
            tried = try? FileStamp(path)
            watch = FileWatch(read: tried)
        }

        /// Checks the file and returns whether it was read.
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
    func `an unchanged file is never due, and a replaced file is due once`() throws {
        let watch = Watching(path)
        #expect(![watch.look(), watch.look(), watch.look()].contains(true))
        for text in ["two", "three"] {
            try directory.replace("file", with: text)
            #expect((1...5).map { _ in watch.look() } == [true, false, false, false, false])
        }
    }

    @Test
    func `a file written and renamed within one tick of the clock is due at once`() throws {
        let watch = Watching(path)
        for number in 1...200 {
            try directory.overwrite("draft", with: "\(number)")
            #expect(unsafe rename(directory.file("draft"), path) == 0)
            #expect(watch.look())
        }
    }

    @Test
    func `a new file that is still being written is not due`() throws {
        let watch = Watching(path)
        #expect(unsafe unlink(path) == 0)
        try directory.overwrite("file", with: "half")
        watch.between = { [directory] in try? directory.overwrite("file", with: "and whole") }
        #expect(!watch.look())
        watch.between = {}
        #expect(watch.look())
    }

    @Test
    func `a file renamed into place before each check is due each time`() async throws {
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
    func `a file that is still being written is due at the third check`() throws {
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
    func `an empty file does not count as complete`() throws {
        let watch = Watching(path)
        try directory.overwrite("file", with: "")
        #expect(unsafe chmod(path, 0o600) == 0)
        #expect([watch.look(), watch.look()] == [false, true])
    }

    @Test
    func `a removed file is due once, and again when the same file is back`()
        async throws
    {
        let watch = Watching(path)
        let away = directory.file("away")
        for _ in 1...2 {
            // A hard link keeps the inode and its times.
            _ = try await run("/bin/ln", [path, away])
            #expect((1...3).count { _ in watch.look() } == 1)
            _ = try await run("/bin/rm", [path])
            #expect([watch.look(), watch.look(), watch.look()] == [false, true, false])
            _ = try await run("/bin/mv", [away, path])
            #expect((1...3).count { _ in watch.look() } == 1)
        }
    }

    @Test
    func `causes that arrive during a reload are merged into the strongest`() async {
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

    @Test
    func `changes of different files that arrive together are both read`() async {
        let causes = ReloadCauses()
        causes.add(.trustFiles)
        causes.add(.peersFile)
        causes.add(.trustFiles)
        var seen: [ReloadCause] = []
        await causes.each { cause in
            seen.append(cause)
            if seen.count == 2 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
        }
        #expect(seen == [.peersFile, .trustFiles])
    }
}
