import Foundation
import TestSupport

/// A text file of the project.
struct SourceFile: Sendable {
    /// Relative to the root of the package, such as `Sources/Federation/Peer.swift`.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    /// The last part of the path, such as `Peer.swift`.
    var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// The folder under Sources or Tests; empty for other files.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 && ["Sources", "Tests"].contains(parts[0]) ? String(parts[1]) : ""
    }

    /// The lines without comments, in which anything may be mentioned.
    ///
    /// A `//` in a string cuts the line too, which hides nothing that a rule looks for.
    var code: [Substring] {
        lines.map { line in
            line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
        }
    }
}

/// The text files of the project, except those in build folders and .git.
enum SourceTree {
    private static let textEndings = [
        "swift", "h", "md", "json", "yaml", "yml", "py", "sh", "service", "cfg", "conf", "rules",
    ]
    private static let plainNames = ["Makefile", "run", "install-deps", "test"]

    static let all: [SourceFile] = {
        let root = URL(fileURLWithPath: packageRoot)
        let walk = FileManager.default.enumerator(atPath: root.path)
        var files: [SourceFile] = []
        while let path = walk?.nextObject() as? String {
            if path.hasPrefix(".build") || path.hasPrefix(".git") {
                walk?.skipDescendants()
                continue
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let ending = name.split(separator: ".").last.map(String.init) ?? ""
            guard textEndings.contains(ending) || plainNames.contains(name) else { continue }
            // Skips folders and files that are not UTF-8.
            guard let text = try? String(contentsOfFile: "\(packageRoot)/\(path)", encoding: .utf8)
            else { continue }
            files.append(SourceFile(path: path, text: text))
        }
        return files.sorted { $0.path < $1.path }
    }()

    static var swift: [SourceFile] { all.filter { $0.path.hasSuffix(".swift") } }
    static var sources: [SourceFile] { swift.filter { $0.path.hasPrefix("Sources/") } }

    /// The file with a path.
    static func file(_ path: String) throws -> SourceFile {
        guard let file = all.first(where: { $0.path == path }) else {
            throw TestError("There is no \(path).")
        }
        return file
    }
}
