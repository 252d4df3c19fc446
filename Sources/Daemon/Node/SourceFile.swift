import Dispatch
import Federation
import Glibc

/// A file that says what this node's own numbers are: a summary, replaced by any process.
///
/// It is read again when it changed. A file that is replaced by rename(2) is never seen half
/// written; one that is written in place may be, and is read again at its next change. Reading
/// happens on a queue of its own, because a file system may block.
struct SourceFile: Sendable {
    /// Tells one state of the file from another: inode, size, and when it or its rights changed.
    struct Stamp: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// What one look at the file came to.
    struct Reading: Sendable {
        /// Nil if the file cannot be found.
        var stamp: Stamp?
        /// Nil if the file is as it was.
        var summary: Result<Summary, SourceFault>?
    }

    private let queue = DispatchQueue(label: "source file")
    let path: String
    let maximumBytes: Int

    init(path: String, maximumBytes: Int) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    /// Reads the file unless it is still as `seen`.
    func read(unless seen: Stamp?) async -> Reading {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.readNow(unless: seen)) }
        }
    }

    private func readNow(unless seen: Stamp?) -> Reading {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return Reading(stamp: nil, summary: .failure(.unreadable(systemError())))
        }
        let stamp = Stamp(
            inode: status.st_ino,
            size: status.st_size,
            seconds: status.st_ctim.tv_sec,
            nanoseconds: status.st_ctim.tv_nsec
        )
        guard stamp != seen else { return Reading(stamp: stamp, summary: nil) }
        return Reading(stamp: stamp, summary: decode())
    }

    private func decode() -> Result<Summary, SourceFault> {
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try contents(of: path, atMost: maximumBytes)
        } catch {
            return .failure(.unreadable(error.description))
        }
        do throws(SummaryFault) {
            return .success(try Summary(decoding: bytes))
        } catch {
            return .failure(.refused(error))
        }
    }
}

/// Why a local source gives no numbers.
enum SourceFault: Error, CustomStringConvertible {
    case unreadable(String)
    case refused(SummaryFault)

    var description: String {
        switch self {
        case .unreadable(let cause): cause
        case .refused(let fault): "is no summary: \(fault)"
        }
    }
}
