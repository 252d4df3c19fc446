import Foundation
import TestSupport

/// The package built by `make deb`.
struct DebianPackage {
    let path: String

    /// The package of this version; throws if it is older than its sources.
    static func built() throws -> DebianPackage {
        let architecture = try architecture()
        let name = "nova-federation_\(try productVersion())_\(architecture)"
        let path = "\(packageRoot)/.build-deb/\(name).deb"
        guard let age = modification(path) else {
            throw TestError("There is no \(path): run make deb.")
        }
        let folders = ["Sources", "Modules", "deploy", "docs", "contracts"]
        let files = folders.flatMap { folder in
            (FileManager.default.subpaths(atPath: "\(packageRoot)/\(folder)") ?? [])
                .map { "\(folder)/\($0)" }
        }
        for file in ["VERSION", "CHANGELOG.md"] + files {
            if let change = modification("\(packageRoot)/\(file)"), change > age {
                throw TestError("\(path) is older than \(file): run make deb.")
            }
        }
        return DebianPackage(path: path)
    }

    /// Debian's name for the architecture of this machine.
    private static func architecture() throws -> String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #else
        throw TestError("There is no package for this architecture.")
        #endif
    }

    private static func modification(_ path: String) -> Date? {
        // A missing file has no date.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date
    }
}
