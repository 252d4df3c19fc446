import TestSupport
import Testing

@testable import Host

/// When a set of files is read again.
@Suite struct FileSetWatchTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    /// Two files, the second of which has a text.
    private func look(_ text: String) throws -> [FileStamp?] {
        let first = try folder.write("first", to: "first")
        try folder.replace("second", with: text)
        return [try? FileStamp(first), try? FileStamp(folder.file("second"))]
    }

    @Test func `a change is read at the second check that finds it`() throws {
        let (before, after) = (try look("a"), try look("b"))
        var watch = FileSetWatch()
        // Once it was tried, successfully or not, it is not read again.
        let checks = [(before, before), (after, before), (after, before), (after, after)]
        let reads = checks.map { watch.takeLook($0.0, tried: $0.1) }
        #expect(reads == [false, false, true, false])
    }

    @Test func `files that change all the time are read at every third check`() throws {
        let before = try look("0")
        var watch = FileSetWatch()
        let reads = try (1...9).map { watch.takeLook(try look("\($0)"), tried: before) }
        #expect(reads == [false, false, true, false, false, true, false, false, true])
    }

    @Test func `a missing file is a change, and so is its return`() throws {
        let whole = try look("a")
        let missing = [whole[0], nil]
        var watch = FileSetWatch()
        let checks = [(missing, whole), (missing, whole), (whole, missing), (whole, missing)]
        let reads = checks.map { watch.takeLook($0.0, tried: $0.1) }
        #expect(reads == [false, true, false, true])
    }
}
