import Foundation
import TestSupport

/// The environment that fakes the wall clock of a process, but not its monotonic clock.
enum FakeTime {
    /// `time` is an offset such as `+10s`, or an `@` and a time.
    static func environment(_ time: String) throws -> [String: String] {
        try preloaded(["FAKETIME": time])
    }

    /// The file contains the offset and is read at each call, so that the clock can be set later.
    ///
    /// Replace it by a rename, because an incomplete text ends the process.
    static func environment(file: String) throws -> [String: String] {
        try preloaded(["FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1"])
    }

    private static func preloaded(_ time: [String: String]) throws -> [String: String] {
        let folder = "/usr/lib"
        let library = try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { "\(folder)/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
        guard let library else {
            throw TestError("This test needs Debian's faketime: run Scripts/install-deps.")
        }
        let fixed = [
            "LD_PRELOAD": library, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
        return fixed.merging(time) { $1 }
    }
}
