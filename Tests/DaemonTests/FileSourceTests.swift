import Dispatch
import Federation
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Host

/// A source file that cannot always be read.
@Suite struct FileSourceTests {
    /// A file and a source for it, whose first read calls `first` instead.
    private struct Fixture {
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

    @Test func `a file that could not be read once is read at the next check`() async throws {
        let fixture = try Fixture { _ throws(FileFault) in
            throw .unreadable("Too many open files")
        }
        let failure = SourceFault.unreadable("cannot be read: Too many open files")
        #expect(await fixture.source.read() == .failure(failure))
        #expect(try gStar(await fixture.source.read()) == 0.4)
        #expect(await fixture.source.read() == nil)
    }

    @Test func `a file that stays unreadable is tried at every check`() async throws {
        // This file can be opened, but its start cannot be read.
        let source = FileSource(path: "/proc/self/mem", maximumBytes: 65_536)
        for _ in 0..<3 {
            let failure = SourceFault.unreadable("cannot be read: Input/output error")
            #expect(await source.read() == .failure(failure))
        }
    }

    @Test func `what was read from a file that changed meanwhile is dropped without an error`()
        async throws
    {
        let fixture = try Fixture { file in
            // Only half was written when the read began, and the rest before it ended.
            let half = Array(Self.numbers(0.4).utf8.prefix(100))
            try? Data(Self.numbers(0.75).utf8).write(to: URL(fileURLWithPath: file))
            return half
        }
        #expect(await fixture.source.read() == nil)
        #expect(try gStar(await fixture.source.read()) == 0.75)
        #expect(await fixture.source.read() == nil)
    }

    @Test func `a file deleted while it was read is an error at the next check`() async throws {
        let fixture = try Fixture { file in
            try? FileManager.default.removeItem(atPath: file)
            return []
        }
        #expect(await fixture.source.read() == nil)
        let failure = SourceFault.unreadable("cannot be read: No such file or directory")
        #expect(await fixture.source.read() == .failure(failure))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hung read fails at its deadline, and later the file is read again`()
        async throws
    {
        let release = DispatchSemaphore(value: 0)
        let fixture = try Fixture(within: .milliseconds(50)) { _ in
            release.wait()
            return []
        }
        let failure = SourceFault.unreadable("was not read within 0.05 s")
        for _ in 0..<3 { #expect(await fixture.source.read() == .failure(failure)) }
        release.signal()
        await eventually("it is read") { (try? gStar(await fixture.source.read())) == 0.4 }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hung read does not delay cancellation`() async throws {
        let isEntered = Mutex(false)
        let release = DispatchSemaphore(value: 0)
        defer { release.signal() }
        let fixture = try Fixture { _ in
            isEntered.withLock { $0 = true }
            release.wait()
            return []
        }
        let reading = Task { await fixture.source.read() }
        await eventually("the file is read") { isEntered.withLock(\.self) }
        reading.cancel()
        #expect(await reading.value == nil)
    }
}
