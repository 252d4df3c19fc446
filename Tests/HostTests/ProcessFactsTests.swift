import Glibc
import Testing

@testable import Host

/// The resource usage of this process.
struct ProcessFactsTests {
    @Test
    func `the kernel and the list of open files give the same count`() throws {
        // The first call opens files that stay open.
        _ = ProcessFacts(startedWall: 0)
        let files = (0..<10).map { _ in unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
        defer { for file in files { close(file) } }
        // Other tests open files meanwhile, so only a list between two equal counts is compared.
        for _ in 0..<1_000 {
            let before = try #require(ProcessFacts(startedWall: 0).openFiles)
            let listed = ProcessFacts.countOfListedFiles()
            guard ProcessFacts(startedWall: 0).openFiles == before else { continue }
            #expect(listed == before && before > 10)
            return
        }
        Issue.record("the count never stayed the same")
    }

    @Test
    func `memory and CPU time are current`() throws {
        let before = ProcessFacts(startedWall: 0)
        let size = 64 << 20
        let block = [UInt8](repeating: 1, count: size)
        let after = ProcessFacts(startedWall: 0)
        let (old, new) = (try #require(before.memory), try #require(after.memory))
        #expect(new.resident - old.resident > 0.9 * Double(size))
        #expect(new.virtual >= new.resident && old.resident > 1e6)
        #expect(after.cpuSeconds > before.cpuSeconds)
        #expect(block.last == 1)
    }
}
