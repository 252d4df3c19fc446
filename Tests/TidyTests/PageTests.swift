import Testing

/// The size of the README.
@Suite struct PageTests {
    @Test func `the README has at most 120 lines and 900 words`() throws {
        let readme = try SourceTree.file("README.md").text
        #expect(readme.count(where: \.isNewline) <= 120)
        #expect(readme.split(whereSeparator: \.isWhitespace).count <= 900)
    }
}
