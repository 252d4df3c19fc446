import Foundation
import TestSupport

/// The package that `make deb` has built.
struct DebianPackage {
    let path: String

    /// The package of this version, unless it is older than what it was built from.
    static func built() throws -> DebianPackage {
        let architecture = try architecture()
        let name = "nova-federation_\(try productVersion())_\(architecture)"
        let path = "\(packageRoot)/.build-deb/\(name).deb"
        guard let age = modification(path) else {
            throw TestTrouble("There is no \(path): run make deb.")
        }
        let parts = ["Sources", "Modules", "deploy", "docs", "contracts"]
        for folder in parts {
            let folder = "\(packageRoot)/\(folder)"
            let files = FileManager.default.enumerator(atPath: folder)
            while let file = files?.nextObject() as? String {
                if let change = modification("\(folder)/\(file)"), change > age {
                    throw TestTrouble("\(path) is older than \(file): run make deb.")
                }
            }
        }
        return DebianPackage(path: path)
    }

    /// What ProductVersion.swift says.
    static func productVersion() throws -> String {
        let source = try String(
            contentsOfFile: "\(packageRoot)/Sources/Daemon/ProductVersion.swift",
            encoding: .utf8
        )
        guard let match = source.firstMatch(of: /current = "([^"]+)"/) else {
            throw TestTrouble("ProductVersion.swift says no version.")
        }
        return String(match.output.1)
    }

    /// Debian's word for the architecture of this machine.
    private static func architecture() throws -> String {
        #if arch(x86_64)
        "amd64"
        #elseif arch(arm64)
        "arm64"
        #else
        throw TestTrouble("There is no package for this architecture.")
        #endif
    }

    private static func modification(_ path: String) -> Date? {
        // A file that is not there has no date.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date
    }
}
