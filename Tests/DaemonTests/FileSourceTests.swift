import Dispatch
import Federation
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// A file that says what a node's own numbers are, and does not always let itself be read.
@Suite struct FileSourceTests {
    /// A file of its own, and a source that does `first` in place of its first read.
    private struct Stage {
        let scratch: TemporaryDirectory
        let file: String
        let source: FileSource

        init(
            within deadline: Duration = .seconds(30),
            _ first: @escaping @Sendable (String) throws(FileFault) -> [UInt8]
        ) throws {
            scratch = try TemporaryDirectory()
            let file = try scratch.write(FileSourceTests.numbers(0.4), to: "source.json")
            self.file = file
            let isFirst = Mutex(true)
            source = FileSource(path: file, within: deadline) { () throws(FileFault) in
                let wasFirst = isFirst.withLock { value in
                    defer { value = false }
                    return value
                }
                return wasFirst ? try first(file) : try contents(of: file, atMost: 65_536)
            }
        }
    }

    fileprivate static func numbers(_ gStar: Double) -> String {
        summaryJSON(nodeID: "nova-z", gStar: gStar, ts: 1_800_000_000)
    }

    private func gStar(_ reading: SourceReading?) throws -> Double? {
        try reading?.get().metrics.gStar
    }

    @Test func `a file that could not be read for once is read at the next look`() async throws {
        let stage = try Stage { _ throws(FileFault) in throw .unreadable("Too many open files") }
        let words = "Too many open files"
        #expect(await stage.source.read() == .failure(.unreadable("cannot be read: \(words)")))
        #expect(try gStar(await stage.source.read()) == 0.4)
        #expect(await stage.source.read() == nil)
    }

    @Test func `a file that stays unreadable is tried at every look`() async throws {
        // The system lets it be opened, and has nothing at its beginning.
        let source = FileSource(path: "/proc/self/mem", maximumBytes: 65_536)
        for _ in 0..<3 {
            let failure = SourceFault.unreadable("cannot be read: Input/output error")
            #expect(await source.read() == .failure(failure))
        }
    }

    @Test func `what was read from a file that changed meanwhile is dropped, and told of nowhere`()
        async throws
    {
        let stage = try Stage { file in
            // Half of it is there; the writer goes on before the read is done.
            let half = Array(Self.numbers(0.4).utf8.prefix(100))
            try? Data(Self.numbers(0.75).utf8).write(to: URL(fileURLWithPath: file))
            return half
        }
        #expect(await stage.source.read() == nil)
        #expect(try gStar(await stage.source.read()) == 0.75)
        #expect(await stage.source.read() == nil)
    }

    @Test func `a file that went away while it was read is missed at the next look`() async throws {
        let stage = try Stage { file in
            try? FileManager.default.removeItem(atPath: file)
            return []
        }
        #expect(await stage.source.read() == nil)
        let failure = SourceFault.unreadable("cannot be read: No such file or directory")
        #expect(await stage.source.read() == .failure(failure))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a read that hangs is a failure at its deadline, and one that answers again is none`()
        async throws
    {
        let release = DispatchSemaphore(value: 0)
        let stage = try Stage(within: .milliseconds(50)) { _ in
            release.wait()
            return []
        }
        let failure = SourceFault.unreadable("was not read within 0.05 s")
        for _ in 0..<3 { #expect(await stage.source.read() == .failure(failure)) }
        release.signal()
        await eventually("it is read") { (try? gStar(await stage.source.read())) == 0.4 }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a file system that does not answer holds up no end`() async throws {
        let isEntered = Mutex(false)
        let release = DispatchSemaphore(value: 0)
        defer { release.signal() }
        let stage = try Stage { _ in
            isEntered.withLock { $0 = true }
            release.wait()
            return []
        }
        let look = Task { await stage.source.read() }
        await eventually("the file is read") { isEntered.withLock(\.self) }
        look.cancel()
        #expect(await look.value == nil)
    }
}
