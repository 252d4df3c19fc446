import Foundation
import TestSupport
import Testing

/// Only VERSION contains the version; CHANGELOG.md lists the releases.
@Suite struct VersionTests {
    /// Whether `text` contains `version`, except within a longer number such as an address.
    static func names(_ version: String, in text: String) -> Bool {
        let isPart: (Character?) -> Bool = { $0.map { $0.isNumber || $0 == "." } ?? false }
        return text.ranges(of: version)
            .contains { range in
                let before = text[..<range.lowerBound].last
                let after = text[range.upperBound...]
                // A full stop at the end of a sentence is not part of a number.
                let next = after.first == "." ? after.dropFirst().first : after.first
                return !isPart(before) && !(next?.isNumber ?? false)
            }
    }

    @Test func `no other file contains the version`() throws {
        let version = try productVersion()
        for file in SourceTree.all where file.path != "CHANGELOG.md" {
            #expect(!Self.names(version, in: file.text), "\(file.path)")
        }
    }

    @Test func `the changelog has a section and a date for the version`() throws {
        let changelog = try SourceTree.file("CHANGELOG.md").text
        let heading = "\n## \(try productVersion()) ("
        let parts = changelog.components(separatedBy: heading)
        #expect(parts.count == 2)
        #expect(parts.last?.prefixMatch(of: /\d{4}-\d{2}-\d{2}\)\n/) != nil)
    }

    @Test(arguments: [
        ("version 1.2.3", true), ("a_1.2.3_amd64.deb", true), ("It is 1.2.3.", true),
        ("10.1.2.3", false), ("1.2.30", false), ("1.2.3.4", false), ("1.2", false),
    ])
    func `a version within a longer number is not found`(text: String, isFound: Bool) {
        #expect(Self.names("1.2.3", in: text) == isFound)
    }
}
